"""Any order of everything that can happen to jobs, against a model of a few lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.integration.service.jobs.conftest import LEASE_DURATION, Queue
from tests.integration.service.jobs.test_queue import FINAL, PASSING, success
from videoannotator.errors import JobAlreadyCompletedError, JobNotFinishedError, JobNotRetryableError
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.connection import Database
from videoannotator.service.jobs.attempts import Claim, LeaseLostError, Slots
from videoannotator.service.jobs.progress import RunProgress
from videoannotator.service.jobs.repository import JobFilter
from videoannotator.service.jobs.states import TERMINAL, JobStatus
from videoannotator.service.jobs.views import JobView

PLACES = Slots(gpu=1, cpu=2)
MAX_ATTEMPTS = 2
EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "100"))


@dataclass
class Model:
    """What should be true of one job."""

    priority: int
    due_at: float
    status: JobStatus = JobStatus.PENDING
    attempt: int = 0
    failures: int = 0
    lost_attempts: int = 0
    leased_until: float = 0.0


def content(view: JobView) -> tuple[object, ...]:
    """What a view shows; the lease is nobody's business, and renewing it is no event."""
    job = view.job.model_dump(exclude={"lease_expires_at"})
    return job, [run.model_dump() for run in view.runs], [row.id for row in view.artifacts], view.queue_position


class JobsMachine(RuleBasedStateMachine):
    """Drives the real repositories and the model side by side."""

    database: Database

    @initialize()
    def empty(self) -> None:
        self.queue = Queue(self.database, PLACES)
        self.model: dict[str, Model] = {}
        self.claims: list[Claim] = []

    @rule(priority=st.integers(-1, 1))
    def submit(self, priority: int) -> None:
        job = self.queue.submit(priority=priority, max_attempts=MAX_ATTEMPTS).job
        self.model[job.id] = Model(priority, self.queue.now)

    @rule(seconds=st.sampled_from([0.5, 9.0, 30.0]))
    def advance_clock(self, seconds: float) -> None:
        self.queue.now += seconds

    @rule()
    def claim(self) -> None:
        claimed = self.queue.attempts.claim(PLACES)
        due = [job_id for job_id in self._queue() if self.model[job_id].due_at <= self.queue.now]
        if self._running() >= PLACES.cpu or not due:
            assert claimed is None
            return
        assert claimed is not None
        assert claimed.lease.job_id == due[0]
        job = self.model[due[0]]
        job.status, job.attempt = JobStatus.RUNNING, job.attempt + 1
        job.leased_until = self.queue.now + LEASE_DURATION
        assert claimed.lease.attempt == job.attempt
        self.claims.append(claimed)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), end=st.sampled_from(["commit", "passing", "final", "record_loss", "requeue", "stopped"]))
    def end(self, data: st.DataObject, end: str) -> None:
        """An attempt, perhaps a stale one, says how it ended."""
        claimed = data.draw(st.sampled_from(self.claims))
        lease, attempts = claimed.lease, self.queue.attempts
        job = self.model.get(lease.job_id)
        wanted = JobStatus.CANCELLING if end == "stopped" else JobStatus.RUNNING
        held = job is not None and job.attempt == lease.attempt and job.status == wanted
        writes = {
            "commit": lambda: attempts.commit(lease, success("f"), ["f"], ["p"]),
            "passing": lambda: attempts.fail(lease, PASSING, retryable=True),
            "final": lambda: attempts.fail(lease, FINAL, retryable=False),
            "record_loss": lambda: attempts.record_loss(lease, "gone"),
            "requeue": lambda: attempts.requeue(lease, "stop"),
            "stopped": lambda: attempts.stopped(lease),
        }
        if not held:
            with pytest.raises(LeaseLostError):
                writes[end]()
            return
        writes[end]()
        assert job is not None
        self._ended(job, end)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), what=st.sampled_from(["progress", "log", "renew"]))
    def carry_on(self, data: st.DataObject, what: str) -> None:
        """An attempt, perhaps a stale one, gives a sign of life."""
        lease = data.draw(st.sampled_from(self.claims)).lease
        attempts = self.queue.attempts
        writes = {
            "progress": lambda: attempts.renew(lease, [RunProgress("scene_detection", 1, 0, 2)]),
            "log": lambda: attempts.log(lease, "info", "still here"),
            "renew": lambda: attempts.renew(lease),
        }
        with suppress(LeaseLostError):
            writes[what]()
            if what != "log":
                self.model[lease.job_id].leased_until = self.queue.now + LEASE_DURATION

    @rule(data=st.data())
    def reclaim(self, data: st.DataObject) -> None:
        """Some attempts are looked after; of the others, those whose lease has run out are lost."""
        keys = [(claimed.lease.job_id, claimed.lease.attempt) for claimed in self.claims]
        alive = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
        self.queue.attempts.reclaim(alive)
        for job_id, job in self.model.items():
            if (job_id, job.attempt) not in alive and job.leased_until < self.queue.now:
                self._lost(job)

    def _ended(self, job: Model, end: str) -> None:
        job.status = {
            "commit": JobStatus.COMPLETED,
            "final": JobStatus.FAILED,
            "requeue": JobStatus.PENDING,
            "stopped": JobStatus.CANCELLED,
        }.get(end, JobStatus.PENDING)
        if end == "passing":
            job.failures += 1
            job.due_at = self.queue.now + 10 * 2 ** (job.failures - 1)
            if job.failures >= MAX_ATTEMPTS:
                job.status = JobStatus.FAILED
        if end == "record_loss":
            job.lost_attempts += 1
            if job.lost_attempts >= 3:
                job.status = JobStatus.FAILED

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(list(self.model)))
        job = self.model[job_id]
        if job.status in (JobStatus.COMPLETED, JobStatus.FAILED):
            with pytest.raises(JobAlreadyCompletedError):
                self.queue.jobs.cancel(ANYBODY, job_id)
            return
        self.queue.jobs.cancel(ANYBODY, job_id)
        changes = {JobStatus.PENDING: JobStatus.CANCELLED, JobStatus.RUNNING: JobStatus.CANCELLING}
        job.status = changes.get(job.status, job.status)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(list(self.model)))
        job = self.model[job_id]
        if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            with pytest.raises(JobNotRetryableError):
                self.queue.jobs.retry(ANYBODY, job_id)
            return
        self.queue.now += 0.001
        self.queue.jobs.retry(ANYBODY, job_id)
        job.status, job.failures, job.lost_attempts, job.due_at = JobStatus.PENDING, 0, 0, self.queue.now

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(list(self.model)))
        if self.model[job_id].status not in TERMINAL:
            with pytest.raises(JobNotFinishedError):
                self.queue.jobs.delete(ANYBODY, job_id)
            return
        self.queue.jobs.delete(ANYBODY, job_id)
        del self.model[job_id]

    @rule()
    def restart(self) -> None:
        self.queue.attempts.rescue()
        for job in self.model.values():
            self._lost(job)

    def _lost(self, job: Model) -> None:
        if job.status is JobStatus.RUNNING:
            self._ended(job, "record_loss")
        elif job.status is JobStatus.CANCELLING:
            self._ended(job, "stopped")

    def _queue(self) -> list[str]:
        waiting = [job_id for job_id, job in self.model.items() if job.status is JobStatus.PENDING]
        return sorted(waiting, key=lambda each: (-self.model[each].priority, self.model[each].due_at, each))

    def _running(self) -> int:
        return sum(job.status in (JobStatus.RUNNING, JobStatus.CANCELLING) for job in self.model.values())

    @invariant()
    def database_and_model_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        views = {view.job.id: view for view in self.queue.jobs.list(ANYBODY, JobFilter(), 1000).jobs}
        assert {job_id: view.job.status for job_id, view in views.items()} == {
            job_id: job.status for job_id, job in self.model.items()
        }
        positions = {job_id: view.queue_position for job_id, view in views.items() if view.queue_position}
        assert positions == {job_id: place for place, job_id in enumerate(self._queue(), start=1)}
        for job_id, view in views.items():
            events = self.queue.jobs.events(job_id, 0)
            assert [event.sequence for event in events] == list(range(1, view.job.last_sequence + 1))
            assert (events[-1].kind == "terminal") == view.is_terminal
            remembered = self.queue.jobs.known(ANYBODY, job_id) or self.queue.jobs.get(ANYBODY, job_id)
            assert content(remembered) == content(view)


@pytest.fixture(params=["sqlite", "postgresql"])
def machine_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/m.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_jobs_behave_as_the_model_says(machine_database: Database) -> None:
    machine = type("Machine", (JobsMachine,), {"database": machine_database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
