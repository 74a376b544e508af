"""What was read a moment ago need not be read again, and is never older than the last thing that was written."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.integration.service.jobs.conftest import Queue
from tests.integration.service.jobs.test_supervisor import PlayedBackend
from videoannotator.errors import JobNotFoundError
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.service.auth.access import ANYBODY, Principal, Scope
from videoannotator.service.auth.audit_log import AuditLog
from videoannotator.service.execution.supervisor import Limits, Supervisor
from videoannotator.service.job_service import JobService
from videoannotator.service.jobs.progress import RunProgress
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.validator import JobValidator
from videoannotator.service.storage_layout import Layout


def test_a_job_that_was_read_is_known_until_anything_is_written(queue: Queue) -> None:
    job_id = queue.submit().job.id
    claimed = queue.attempts.claim(queue.slots)
    assert claimed is not None
    assert queue.jobs.known(ANYBODY, job_id) is None
    read = queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is read
    queue.attempts.renew(claimed.lease, [RunProgress("scene_detection", 1, 0, 2)])
    assert queue.jobs.known(ANYBODY, job_id) is None
    assert queue.jobs.get(ANYBODY, job_id).runs[0].progress == 0.5
    queue.jobs.cancel(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_a_write_that_fails_makes_everything_unknown_too(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.attempts.claim(queue.slots)
    queue.jobs.get(ANYBODY, job_id)
    with pytest.raises(JobNotFoundError):
        queue.jobs.cancel(ANYBODY, "nope")
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_a_place_in_the_queue_is_always_read_anew(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_what_is_known_is_known_to_those_who_may_see_it(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.attempts.claim(queue.slots)
    queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(Principal("somebody else", Scope.WRITE), job_id) is None
    assert queue.jobs.known(Principal(ANYBODY.owner, Scope.READ), job_id) is not None


def test_a_job_is_read_again_only_after_something_happened_to_it(queue: Queue) -> None:
    job_id = queue.submit().job.id
    claimed = queue.attempts.claim(queue.slots)
    assert claimed is not None
    read = queue.jobs.get(ANYBODY, job_id)
    queue.submit()
    queue.attempts.renew(claimed.lease)
    assert queue.jobs.known(ANYBODY, job_id) is None
    assert queue.jobs.get(ANYBODY, job_id) is read
    assert queue.jobs.known(ANYBODY, job_id) is read
    queue.attempts.log(claimed.lease, "info", "half of it is done")
    assert queue.jobs.get(ANYBODY, job_id) is not read


def test_a_waiting_job_is_remembered_but_for_its_place(queue: Queue) -> None:
    first, second = queue.submit().job.id, queue.submit().job.id
    read = queue.jobs.get(ANYBODY, second)
    assert queue.jobs.get(ANYBODY, second) is read
    queue.jobs.cancel(ANYBODY, first)
    moved = queue.jobs.get(ANYBODY, second)
    assert (read.queue_position, moved.queue_position) == (2, 1)
    assert moved.job is read.job


def test_what_is_remembered_of_a_job_goes_with_it(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.jobs.cancel(ANYBODY, job_id)
    queue.jobs.get(ANYBODY, job_id)
    with pytest.raises(JobNotFoundError):
        queue.jobs.get(Principal("somebody else", Scope.WRITE), job_id)
    queue.jobs.delete(ANYBODY, job_id)
    with pytest.raises(JobNotFoundError):
        queue.jobs.get(ANYBODY, job_id)


async def test_many_who_ask_at_once_share_one_look(queue: Queue, tmp_path: Path) -> None:
    service = job_service(queue, tmp_path)
    job_id = queue.submit().job.id
    queue.attempts.claim(queue.slots)
    asked = [asyncio.create_task(service.get(ANYBODY, job_id)) for _ in range(20)]
    await asyncio.sleep(0)  # they have asked, and wait
    await asyncio.to_thread(queue.jobs.cancel, ANYBODY, job_id)
    later = await service.get(ANYBODY, job_id)
    assert later.job.status == JobStatus.CANCELLING  # what was written before it was asked for is told
    assert len({id(view) for view in await asyncio.gather(*asked)}) == 1


async def test_one_who_does_not_wait_leaves_the_look_to_the_others(queue: Queue, tmp_path: Path) -> None:
    service = job_service(queue, tmp_path)
    job_id = queue.submit().job.id
    hasty, patient = (asyncio.create_task(service.get(ANYBODY, job_id)) for _ in range(2))
    await asyncio.sleep(0)
    hasty.cancel()
    assert (await patient).job.id == job_id
    assert hasty.cancelled()


def job_service(queue: Queue, directory: Path) -> JobService:
    registry = Registry.load()
    validator = JobValidator(registry, Availability(ModelStore(directory)), 3)
    layout = Layout(directory)
    limits = Limits(queue.slots, 20, 60)
    supervisor = Supervisor(queue.queue, queue.attempts, PlayedBackend(), layout, limits)
    return JobService(queue.jobs, validator, queue.submissions, supervisor, layout, AuditLog(layout.audit, time.time))
