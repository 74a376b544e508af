"""What was kept long enough goes, with its files; everything else stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from tests.integration.service.jobs.conftest import Queue
from videoannotator.errors import JobNotFoundError, VideoNotFoundError
from videoannotator.outcome import ErrorRecord, Outcome, RunOutcome
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.tables import JobRow, VideoRow
from videoannotator.service.jobs.submissions import ready_video
from videoannotator.service.leftovers import Kind
from videoannotator.service.retention import Retention, Rule
from videoannotator.service.storage_layout import Layout

DAY = 86400.0
RULE = {"completed": 30, "failed": 10, "cancelled": 1}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.create()
    layout.video("v").parent.mkdir()
    layout.video("v").write_bytes(b"video")
    return layout


def retention(queue: Queue, layout: Layout, rule: Rule = RULE, *, with_videos: bool = False) -> Retention:
    return Retention(queue.submissions._unit_of_work, layout, rule, with_videos=with_videos)


def ended(queue: Queue, layout: Layout, how: str, **fields: object) -> str:
    """Return the id of a job that ended this way, and has files."""
    job_id = queue.submit(**fields).job.id
    if how == "cancelled":
        queue.jobs.cancel(ANYBODY, job_id)
    else:
        claim = queue.attempts.claim(queue.slots)
        assert claim is not None
        if how == "completed":
            run = RunOutcome(pipeline="scene_detection", status="completed")
            queue.attempts.commit(claim.lease, Outcome(runs=(run,), artifacts=()), [], [])
        else:
            queue.attempts.fail(claim.lease, ErrorRecord(code="X", message="Broken."), retryable=False)
    layout.attempt(job_id, 1).mkdir(parents=True)
    (layout.attempt(job_id, 1) / "records.ndjson").write_bytes(b"12345")
    return job_id


def jobs_left(queue: Queue) -> set[str]:
    with queue.database.read() as session:
        return set(session.exec(select(JobRow.id)))


def directories(layout: Layout) -> set[str]:
    return {path.name for path in layout.results.iterdir()}


@pytest.mark.parametrize("how", ["completed", "failed", "cancelled"])
def test_each_status_has_its_own_time(queue: Queue, layout: Layout, how: str) -> None:
    job_id = ended(queue, layout, how)
    queue.now += RULE[how] * DAY - 1
    assert retention(queue, layout).apply() == []
    assert directories(layout) == {job_id}
    queue.now += 2
    (gone,) = retention(queue, layout).apply()
    assert (gone.kind, gone.id, gone.owner, gone.name) == (Kind.JOB, job_id, ANYBODY.owner, "clip.mp4")
    assert (jobs_left(queue), directories(layout)) == (set(), set())


def test_without_a_rule_everything_stays(queue: Queue, layout: Layout) -> None:
    job_id = ended(queue, layout, "completed")
    queue.now += 36_500 * DAY
    assert retention(queue, layout, {}, with_videos=True).apply() == []
    assert jobs_left(queue) == {job_id}


def test_a_job_may_have_a_time_of_its_own(queue: Queue, layout: Layout) -> None:
    short, forever, usual = (ended(queue, layout, "completed", retention_days=days) for days in (2, 0, None))
    queue.now += 3 * DAY
    assert [gone.id for gone in retention(queue, layout, {}).apply()] == [short]
    queue.now += 1000 * DAY
    assert [gone.id for gone in retention(queue, layout).apply()] == [usual]
    assert jobs_left(queue) == {forever}


def test_what_has_not_ended_is_never_touched_however_old(queue: Queue, layout: Layout) -> None:
    running = queue.submit(retention_days=1).job.id
    assert queue.attempts.claim(queue.slots) is not None
    waiting = queue.submit(retention_days=1).job.id
    queue.now += 10_000 * DAY
    assert retention(queue, layout).due() == []
    assert jobs_left(queue) == {running, waiting}


def test_a_job_that_was_retried_after_it_was_listed_stays(queue: Queue, layout: Layout) -> None:
    job_id = ended(queue, layout, "failed")
    queue.now += 11 * DAY
    (due,) = retention(queue, layout).due()
    queue.jobs.retry(ANYBODY, job_id)
    assert not retention(queue, layout).remove(due)
    assert directories(layout) == {job_id}
    assert queue.jobs.get(ANYBODY, job_id).job.status == "pending"


def test_a_video_goes_with_its_last_job_only_where_that_is_wanted(queue: Queue, layout: Layout) -> None:
    first, second = (ended(queue, layout, "cancelled") for _ in range(2))
    queue.now += 2 * DAY
    jobs = retention(queue, layout, with_videos=True)
    one, other = jobs.due()
    assert jobs.remove(one)
    assert layout.video("v").exists()
    assert jobs.remove(other)
    assert not layout.video("v").parent.exists()
    assert {one.id, other.id} == {first, second}
    with queue.database.read() as session, pytest.raises(VideoNotFoundError):
        ready_video(session, ANYBODY, "v", lock=False)


def test_a_video_that_never_had_a_job_goes_after_the_same_time(queue: Queue, layout: Layout) -> None:
    queue.now += 31 * DAY
    assert retention(queue, layout).apply() == []
    with queue.database.write() as session:
        session.add(VideoRow(id="new", owner="o", filename="n", size_bytes=1, state="ready", created_at=queue.now))
    (gone,) = retention(queue, layout, with_videos=True).apply()
    assert (gone.kind, gone.id, gone.size_bytes) == (Kind.UNUSED_VIDEO, "v", 5)
    assert not layout.video("v").parent.exists()
    with queue.database.read() as session:
        assert session.get(VideoRow, "new") is not None


def test_deleting_a_job_takes_its_video_along_if_asked_and_if_it_is_the_last(queue: Queue, layout: Layout) -> None:
    first, second = (ended(queue, layout, "cancelled") for _ in range(2))
    assert queue.jobs.delete(ANYBODY, first, with_video=True) is None
    assert queue.jobs.delete(ANYBODY, second, with_video=True) == "v"
    with pytest.raises(JobNotFoundError):
        queue.jobs.get(ANYBODY, second)


def test_a_round_removes_the_oldest_first_and_not_everything_at_once(
    queue: Queue, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videoannotator.service.retention._AT_ONCE", 2)
    jobs = [ended(queue, layout, "cancelled") for _ in range(3)]
    queue.now += 2 * DAY
    assert [gone.id for gone in retention(queue, layout).apply()] == jobs[:2]
    assert [gone.id for gone in retention(queue, layout).apply()] == jobs[2:]
