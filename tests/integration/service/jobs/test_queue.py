"""The queue's rules, on both databases."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from tests.integration.service.jobs.conftest import LEASE_DURATION, Queue
from videoannotator.errors import (
    JobAlreadyCompletedError,
    JobNotFinishedError,
    JobNotFoundError,
    JobNotRetryableError,
    QuotaExceededError,
    RequestConflictError,
)
from videoannotator.outcome import ArtifactFile, ErrorRecord, Outcome, RunOutcome
from videoannotator.service.auth.access import ANYBODY, Principal, Scope
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.jobs.attempts import Claim, LeaseLostError, Slots
from videoannotator.service.jobs.progress import RunProgress
from videoannotator.service.jobs.repository import JobFilter
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.states import JobStatus

PIPELINE = "scene_detection"
PASSING = ErrorRecord(code="STORAGE_EXHAUSTED", message="full")
FINAL = ErrorRecord(code="CORRUPT_MEDIA", message="broken")


def success(*files: str) -> Outcome:
    run = RunOutcome(pipeline=PIPELINE, status="completed", units_done=5)
    artifacts = (
        ArtifactFile(name=name, pipeline=PIPELINE, format="csv", media_type="text/csv", size_bytes=1, sha256="0")
        for name in files
    )
    return Outcome(runs=(run,), artifacts=tuple(artifacts))


def claim(queue: Queue) -> Claim:
    claimed = queue.attempts.claim(queue.slots)
    assert claimed is not None
    return claimed


def commit(queue: Queue, claimed: Claim, *files: str) -> list[str]:
    paths = [f"{claimed.lease.job_id}/{claimed.lease.attempt}/{name}" for name in files]
    return queue.attempts.commit(claimed.lease, success(*files), files, paths)


def status(queue: Queue, job_id: str) -> str:
    return queue.jobs.get(ANYBODY, job_id).job.status


def test_higher_priority_first_then_first_come_first_served(queue: Queue) -> None:
    jobs = [queue.submit(priority=priority).job.id for priority in (0, 5, 0, 5)]
    expected = [jobs[1], jobs[3], jobs[0], jobs[2]]
    assert [queue.jobs.get(ANYBODY, job).queue_position for job in expected] == [1, 2, 3, 4]
    queue.slots = Slots(gpu=1, cpu=4)
    assert [claim(queue).lease.job_id for _ in jobs] == expected


def test_no_more_jobs_run_than_there_are_places(queue: Queue) -> None:
    for needs_gpu in (True, True, False, False, False):
        queue.submit(needs_gpu=needs_gpu)
    claims = [queue.attempts.claim(queue.slots) for _ in range(5)]
    assert [each.job.needs_gpu for each in claims if each] == [True, False, False]
    assert claims[3:] == [None, None]


def test_a_waiting_gpu_job_does_not_hold_up_cpu_jobs(queue: Queue) -> None:
    queue.slots = Slots(gpu=0, cpu=1)
    queue.submit(needs_gpu=True, priority=100)
    cpu = queue.submit()
    assert claim(queue).lease.job_id == cpu.job.id


def test_eight_threads_never_claim_one_job_twice(queue: Queue) -> None:
    ids = {queue.submit().job.id for _ in range(40)}
    claimed: list[str] = []

    def work() -> None:
        while (found := queue.attempts.claim(Slots(gpu=0, cpu=1000))) is not None:
            claimed.append(found.lease.job_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(ids)


def test_a_commit_writes_everything_at_once(queue: Queue) -> None:
    job = queue.submit().job
    claimed = claim(queue)
    assert commit(queue, claimed, "a.csv", "b.csv") == []
    view = queue.jobs.get(ANYBODY, job.id)
    assert view.job.status == JobStatus.COMPLETED
    assert view.job.progress == view.success_rate == 1.0
    assert [artifact.name for artifact in view.artifacts] == ["a.csv", "b.csv"]
    assert view.runs[0].units_done == 5
    assert view.job.lease_token is None


def test_a_stale_attempt_can_write_nothing(queue: Queue) -> None:
    job = queue.submit().job
    stale = claim(queue)
    queue.attempts.record_loss(stale.lease, "the worker was gone")
    fresh = claim(queue)
    assert fresh.lease.attempt == 2
    writes: list[Any] = [
        lambda: commit(queue, stale, "late.csv"),
        lambda: queue.attempts.renew(stale.lease),
        lambda: queue.attempts.renew(stale.lease, [RunProgress(PIPELINE, 9, 0, 10)]),
        lambda: queue.attempts.fail(stale.lease, FINAL, retryable=False),
        lambda: queue.attempts.record_loss(stale.lease, "again"),
        lambda: queue.attempts.requeue(stale.lease, "again"),
        lambda: queue.attempts.stopped(stale.lease),
        lambda: queue.attempts.log(stale.lease, "info", "late"),
    ]
    before = queue.jobs.get(ANYBODY, job.id)
    for write in writes:
        with pytest.raises(LeaseLostError):
            write()
    assert queue.jobs.get(ANYBODY, job.id) == before


def test_a_late_result_never_overwrites_a_cancellation(queue: Queue) -> None:
    job = queue.submit().job
    claimed = claim(queue)
    assert queue.jobs.cancel(ANYBODY, job.id, "no more").job.status == JobStatus.CANCELLING
    with pytest.raises(LeaseLostError):
        commit(queue, claimed, "late.csv")
    queue.attempts.renew(claimed.lease)
    queue.attempts.stopped(claimed.lease)
    view = queue.jobs.get(ANYBODY, job.id)
    assert (view.job.status, view.job.cancel_reason, view.artifacts) == (JobStatus.CANCELLED, "no more", ())
    with pytest.raises(LeaseLostError):
        commit(queue, claimed, "later.csv")


def test_cancelling_twice_changes_nothing_and_ended_jobs_cannot_be_cancelled(queue: Queue) -> None:
    waiting, done = queue.submit().job, queue.submit(priority=1).job
    commit(queue, claim(queue))
    first = queue.jobs.cancel(ANYBODY, waiting.id)
    again = queue.jobs.cancel(ANYBODY, waiting.id)
    assert (again.job, again.runs) == (first.job, first.runs)
    with pytest.raises(JobAlreadyCompletedError):
        queue.jobs.cancel(ANYBODY, done.id)


def test_passing_failures_are_retried_with_growing_waits_until_attempts_run_out(queue: Queue) -> None:
    job = queue.submit(max_attempts=3).job
    for wait in (10, 20):
        claimed = claim(queue)
        queue.attempts.fail(claimed.lease, PASSING, retryable=True)
        view = queue.jobs.get(ANYBODY, job.id)
        assert view.job.status == JobStatus.PENDING
        assert view.job.next_attempt_at == queue.now + wait
        assert view.queue_position == 1
        assert queue.attempts.claim(queue.slots) is None
        assert queue.queue.seconds_until_due() == wait
        queue.now += wait
    queue.attempts.fail(claim(queue).lease, PASSING, retryable=True)
    view = queue.jobs.get(ANYBODY, job.id)
    assert view.job.status == JobStatus.FAILED
    assert view.job.error is not None
    assert view.job.error["code"] == "STORAGE_EXHAUSTED"


def test_other_failures_are_final(queue: Queue) -> None:
    job = queue.submit().job
    queue.attempts.fail(claim(queue).lease, FINAL, retryable=False)
    assert status(queue, job.id) == JobStatus.FAILED


def test_losses_do_not_burn_attempts_but_the_third_is_the_jobs_own_fault(queue: Queue) -> None:
    job = queue.submit(max_attempts=1).job
    for _ in range(2):
        queue.attempts.record_loss(claim(queue).lease, "power cut")
        assert status(queue, job.id) == JobStatus.PENDING
    queue.attempts.record_loss(claim(queue).lease, "power cut")
    view = queue.jobs.get(ANYBODY, job.id)
    assert view.job.status == JobStatus.FAILED
    assert view.job.error is not None
    assert view.job.error["code"] == "WORKER_CRASHED"


def test_a_lost_job_keeps_its_place_in_the_queue(queue: Queue) -> None:
    first = queue.submit().job
    claimed = claim(queue)
    queue.submit()
    queue.attempts.record_loss(claimed.lease, "gone")
    assert queue.jobs.get(ANYBODY, first.id).queue_position == 1


def test_shutting_down_counts_for_nothing(queue: Queue) -> None:
    job = queue.submit().job
    for _ in range(5):
        queue.attempts.requeue(claim(queue).lease, "the service is shutting down")
    view = queue.jobs.get(ANYBODY, job.id)
    assert (view.job.status, view.job.lost_attempts, view.job.failures) == (JobStatus.PENDING, 0, 0)


def test_a_restart_settles_every_attempt_of_the_dead_server(queue: Queue) -> None:
    running, stopping = queue.submit(priority=2).job, queue.submit(priority=1).job
    claim(queue), claim(queue)
    queue.jobs.cancel(ANYBODY, stopping.id)
    assert queue.attempts.rescue() == 2
    assert status(queue, running.id) == JobStatus.PENDING
    assert status(queue, stopping.id) == JobStatus.CANCELLED
    assert queue.attempts.rescue() == 0


def test_an_attempt_that_nobody_looks_after_is_settled_when_its_lease_runs_out(queue: Queue) -> None:
    orphan, stopping = queue.submit(priority=2).job, queue.submit(priority=1).job
    leases = [claim(queue).lease, claim(queue).lease]
    queue.jobs.cancel(ANYBODY, stopping.id)
    queue.now += LEASE_DURATION
    assert queue.attempts.reclaim([]) == 0
    queue.now += 0.1
    assert queue.attempts.reclaim([(lease.job_id, lease.attempt) for lease in leases]) == 0
    assert queue.attempts.reclaim([(orphan.id, 0)]) == 2  # another attempt of a job is none of this one
    assert status(queue, orphan.id) == JobStatus.PENDING
    assert status(queue, stopping.id) == JobStatus.CANCELLED
    assert queue.attempts.reclaim([]) == 0
    with pytest.raises(LeaseLostError):
        queue.attempts.renew(leases[0])


def test_partial_failure_keeps_what_succeeded(queue: Queue) -> None:
    queue.now += 1
    job = queue.submissions.submit(ANYBODY, JobRequest("v", ("person_tracking", PIPELINE))).job
    claimed = claim(queue)
    failed = RunOutcome(pipeline="person_tracking", status="failed", error=FINAL)
    outcome = success("scene.csv").model_copy(update={"runs": (failed, *success().runs)})
    queue.attempts.commit(claimed.lease, outcome, ["scene.csv"], ["p"])
    view = queue.jobs.get(ANYBODY, job.id)
    assert view.job.status == JobStatus.COMPLETED
    assert view.job.error is not None
    assert view.job.error["code"] == "PARTIAL_FAILURE"
    assert "person_tracking" in view.job.error["message"]
    assert view.success_rate == 0.5
    assert [artifact.name for artifact in view.artifacts] == ["scene.csv"]
    assert queue.jobs.retry(ANYBODY, job.id).job.status == JobStatus.PENDING
    assert commit(queue, claim(queue), "new.csv") == ["p"]
    assert [artifact.name for artifact in queue.jobs.get(ANYBODY, job.id).artifacts] == ["new.csv"]


def test_only_what_did_not_succeed_is_retried(queue: Queue) -> None:
    job = queue.submit().job
    with pytest.raises(JobNotRetryableError):
        queue.jobs.retry(ANYBODY, job.id)
    commit(queue, claim(queue))
    with pytest.raises(JobNotRetryableError):
        queue.jobs.retry(ANYBODY, job.id)


def test_only_ended_jobs_are_deleted(queue: Queue) -> None:
    job = queue.submit().job
    with pytest.raises(JobNotFinishedError):
        queue.jobs.delete(ANYBODY, job.id)
    queue.jobs.cancel(ANYBODY, job.id)
    queue.jobs.delete(ANYBODY, job.id)
    with pytest.raises(JobNotFoundError):
        queue.jobs.get(ANYBODY, job.id)
    assert queue.jobs.events(job.id, 0) == []


def test_progress_never_falls_and_never_claims_to_be_done(queue: Queue) -> None:
    job = queue.submit().job
    lease = claim(queue).lease
    seen = []
    for done, total in ((5, 10), (6, 100), (99, 100), (200, 100), (3, None)):
        queue.attempts.renew(lease, [RunProgress(PIPELINE, done, 0, total)])
        seen.append(queue.jobs.get(ANYBODY, job.id).job.progress)
    assert seen == sorted(seen)
    assert max(seen) < 1


def test_the_same_request_id_is_the_same_job_and_another_request_is_a_conflict(queue: Queue) -> None:
    first = queue.submit(request_id="r")
    assert queue.submit(request_id="r").job.id == first.job.id
    with pytest.raises(RequestConflictError):
        queue.submit(request_id="r", priority=3)


def test_an_owner_has_a_bounded_number_of_open_jobs(database: Database) -> None:
    queue = Queue(database, max_open_jobs=2)
    jobs = [queue.submit().job for _ in range(2)]
    with pytest.raises(QuotaExceededError):
        queue.submit()
    queue.jobs.cancel(ANYBODY, jobs[0].id)
    queue.submit()


def test_someone_elses_job_is_no_job(queue: Queue) -> None:
    job = queue.submit().job
    stranger = Principal("stranger", Scope.WRITE)
    for touch in (queue.jobs.get, queue.jobs.cancel, queue.jobs.retry, queue.jobs.delete):
        with pytest.raises(JobNotFoundError):
            touch(stranger, job.id)
    assert queue.jobs.list(stranger, JobFilter(), 10).total == 0


def test_lists_filter_and_page_by_key_without_gap_or_repeat(queue: Queue) -> None:
    jobs = [queue.submit(labels={"n": str(number % 2)}).job.id for number in range(7)]
    queue.jobs.cancel(ANYBODY, jobs[0])
    for oldest_first, filters in itertools.product((False, True), ({}, {"n": "1"})):
        chosen = JobFilter(labels=filters, oldest_first=oldest_first)
        seen: list[str] = []
        key = None
        while True:
            page = queue.jobs.list(ANYBODY, chosen, 2, key)
            seen += [view.job.id for view in page.jobs]
            key = page.last_key
            if key is None:
                break
        expected = jobs[1::2] if filters else jobs
        assert seen == (expected if oldest_first else expected[::-1])
        assert page.total == len(expected)
    assert queue.jobs.list(ANYBODY, JobFilter(status=JobStatus.CANCELLED), 10).total == 1
    assert queue.jobs.list(ANYBODY, JobFilter(video_id="other"), 10).total == 0


def test_watchers_are_shown_the_place_of_their_job_and_only_when_it_changes(queue: Queue) -> None:
    jobs = [queue.submit().job.id for _ in range(3)]
    for job_id in jobs[1:]:
        queue.hub.watch(job_id, lambda: None)
    known: dict[str, int] = {}

    def shown(job_id: str, after: int) -> tuple[list[int], int]:
        queue.queue.publish_positions(queue.hub.watched(), known)
        news = queue.hub.news(job_id, queue.jobs.get(ANYBODY, job_id).job.last_sequence, after)
        return [moment.payload["position"] for moment in news.moments], news.tick

    positions, tick = shown(jobs[2], 0)
    assert (positions, known) == ([3], {jobs[1]: 2, jobs[2]: 3})
    assert shown(jobs[2], tick) == ([], tick)
    queue.jobs.cancel(ANYBODY, jobs[0])
    assert shown(jobs[2], tick)[0] == [2]
    assert [event.kind for event in queue.jobs.events(jobs[2], 0)] == ["status"]


def test_steps_are_no_history_and_ends_are(queue: Queue) -> None:
    job = queue.submit().job
    lease = claim(queue).lease
    for done in range(5):
        queue.attempts.renew(lease, [RunProgress(PIPELINE, done, 0, 10)])
    run = queue.jobs.get(ANYBODY, job.id).runs[0]
    assert (run.status, run.units_done, run.progress) == ("running", 4, 0.4)
    queue.attempts.record_run(lease, RunOutcome(pipeline=PIPELINE, status="completed", units_done=10))
    assert [event.kind for event in queue.jobs.events(job.id, 0)] == ["status", "status", "progress"]


def test_a_transaction_that_fails_leaves_nothing(queue: Queue) -> None:
    def fail_after_writing() -> None:
        with queue.database.write() as session:
            session.add(VideoRow(id="x", owner="o", filename="f", size_bytes=1, created_at=1.0))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with queue.database.read() as session:
        assert session.get(VideoRow, "x") is None
