"""The supervisor with a backend that a test plays: moments that real workers reach too rarely."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.integration.service.jobs.conftest import LEASE_DURATION, Queue
from videoannotator.errors import DatabaseBusyError
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.execution import supervisor as module
from videoannotator.service.execution.supervisor import Limits, Supervisor
from videoannotator.service.jobs.attempts import Claim, Slots
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.storage_layout import Layout
from videoannotator.worker.protocol import (
    AttemptEvent,
    AttemptKey,
    AttemptStopped,
    ProgressMade,
    RunAttempt,
    WorkerHeartbeat,
    WorkerLost,
)


class PlayedBackend:
    """Starts nothing; tells of each attempt what the test puts into its queue."""

    def __init__(self) -> None:
        self.told: dict[AttemptKey, asyncio.Queue[AttemptEvent]] = {}

    async def launch(self, attempt: RunAttempt) -> None:
        self.told[attempt.key] = asyncio.Queue()

    async def request_cancel(self, key: AttemptKey) -> None:
        if key in self.told:
            self.told[key].put_nowait(AttemptStopped())

    async def kill(self, key: AttemptKey) -> None:
        """Nothing runs."""

    async def events(self, key: AttemptKey) -> AsyncIterator[AttemptEvent]:
        while True:
            yield await self.told[key].get()

    def idle_workers(self) -> int:
        return 0

    async def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def backend() -> PlayedBackend:
    return PlayedBackend()


@pytest.fixture
def supervisor(queue: Queue, backend: PlayedBackend, tmp_path: Path) -> Supervisor:
    layout = Layout(tmp_path)
    layout.create()
    return Supervisor(queue.queue, queue.attempts, backend, layout, Limits(queue.slots, 20, 100))


async def soon(probe: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not probe():
            await asyncio.sleep(0.01)


async def test_an_attempt_that_clears_up_slowly_does_not_hide_the_next_one(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_clear_up = threading.Event()
    monkeypatch.setattr(module, "discard", lambda *_: may_clear_up.wait(10))
    job_id = queue.submit().job.id
    first, second = AttemptKey(job_id, 1), AttemptKey(job_id, 2)
    supervisor.start()
    await soon(lambda: first in backend.told)
    backend.told[first].put_nowait(WorkerLost(reason="gone"))
    await soon(lambda: queue.jobs.get(ANYBODY, job_id).job.status == JobStatus.PENDING)
    supervisor.wake()
    await soon(lambda: second in backend.told)
    may_clear_up.set()
    await soon(lambda: len(supervisor.running_attempts) == 1)
    assert supervisor.running_attempts == {second}
    queue.jobs.cancel(ANYBODY, job_id)
    await supervisor.cancel(job_id)
    await asyncio.wait_for(supervisor.wait_for(job_id), 5)
    assert queue.jobs.get(ANYBODY, job_id).job.status == JobStatus.CANCELLED
    await supervisor.drain(0)


async def test_a_sign_of_life_that_cannot_be_recorded_costs_no_attempt(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise DatabaseBusyError("the database did not answer")

    job_id = queue.submit().job.id
    key = AttemptKey(job_id, 1)
    supervisor.start()
    await soon(lambda: key in backend.told)
    monkeypatch.setattr(queue.attempts, "renew", busy)
    backend.told[key].put_nowait(WorkerHeartbeat())
    await soon(backend.told[key].empty)
    await asyncio.sleep(0.1)
    assert supervisor.running_attempts == {key}
    assert queue.jobs.get(ANYBODY, job_id).job.lost_attempts == 0
    queue.jobs.cancel(ANYBODY, job_id)
    await supervisor.cancel(job_id)
    await supervisor.drain(0)


async def test_the_queue_goes_on_after_an_error_that_nobody_planned_for(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = queue.attempts.claim
    calls = iter([RuntimeError("out of the blue")])

    def fail_once(slots: object) -> object:
        for error in calls:
            raise error
        return claim(slots)  # type: ignore[arg-type]

    monkeypatch.setattr(queue.attempts, "claim", fail_once)
    job_id = queue.submit().job.id
    supervisor.start()
    await soon(lambda: AttemptKey(job_id, 1) in backend.told)
    await supervisor.drain(0)
    assert queue.jobs.get(ANYBODY, job_id).job.status == JobStatus.PENDING


async def test_a_job_whose_claim_was_committed_unheard_runs_when_its_lease_has_run_out(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = queue.attempts.claim
    breaks = iter([DatabaseBusyError("the connection broke at the commit")])

    def claim_unheard(slots: Slots) -> Claim | None:
        claimed = claim(slots)
        for error in breaks if claimed else ():
            raise error
        return claimed

    monkeypatch.setattr(queue.attempts, "claim", claim_unheard)
    unheard, heard = queue.submit(priority=1).job.id, queue.submit().job.id
    supervisor.start()
    await soon(lambda: AttemptKey(heard, 1) in backend.told)
    queue.now += LEASE_DURATION + 1
    await supervisor.reclaim()
    await soon(lambda: AttemptKey(unheard, 2) in backend.told)
    assert supervisor.running_attempts == {AttemptKey(unheard, 2), AttemptKey(heard, 1)}
    await supervisor.drain(0)


async def test_a_worker_that_only_death_stops_is_no_loss_when_the_service_drains(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kill_after_all(key: AttemptKey) -> None:
        backend.told[key].put_nowait(WorkerLost(reason="the worker process was killed by SIGKILL"))

    monkeypatch.setattr(backend, "request_cancel", kill_after_all)
    job_id = queue.submit().job.id
    supervisor.start()
    await soon(lambda: AttemptKey(job_id, 1) in backend.told)
    await supervisor.drain(0)
    job = queue.jobs.get(ANYBODY, job_id).job
    assert (job.status, job.lost_attempts) == (JobStatus.PENDING, 0)


async def test_steps_are_shown_at_once_and_written_with_the_next_sign_of_life(
    queue: Queue, backend: PlayedBackend, supervisor: Supervisor
) -> None:
    job_id = queue.submit().job.id
    key = AttemptKey(job_id, 1)
    queue.hub.watch(job_id, lambda: None)
    supervisor.start()
    await soon(lambda: key in backend.told)
    for done in range(20):
        backend.told[key].put_nowait(ProgressMade(pipeline="scene_detection", done=done, failed=0, total=100))
    await soon(lambda: [step.payload["units_done"] for step in queue.hub.news(job_id, 2, 0).moments] == [19])
    before = queue.jobs.get(ANYBODY, job_id)
    assert (before.runs[0].units_done, before.job.revision) == (0, 2)
    backend.told[key].put_nowait(WorkerHeartbeat())
    await soon(lambda: queue.jobs.get(ANYBODY, job_id).runs[0].units_done == 19)
    assert queue.jobs.get(ANYBODY, job_id).job.revision == before.job.revision + 1
    assert [event.kind for event in queue.jobs.events(job_id, 0)] == ["status", "status"]
    queue.jobs.cancel(ANYBODY, job_id)
    await supervisor.cancel(job_id)
    await supervisor.drain(0)
