"""The awaited twin lives the same life."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from videoannotator_client import AsyncClient, AsyncRun, Client, Progress, Run

from tests.support.service import Service
from videoannotator.v1.types_pb2 import JobStatus

SLOW = {"person_tracking": {"frames_per_second": 0}}


@pytest.fixture
async def va(service: Service) -> AsyncIterator[AsyncClient]:
    """The administrator's client."""
    async with AsyncClient(service.address, service.token) as client:
        yield client


@pytest.mark.parametrize(("one", "other"), [(Client, AsyncClient), (Run, AsyncRun)])
def test_both_have_the_same_methods_with_the_same_parameters(one: type, other: type):
    def methods(kind: type) -> dict[str, list[inspect.Parameter]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(each).parameters.values()) for name, each in found if name[0] != "_"}

    assert methods(one) == methods(other)


async def test_jobs_are_submitted_watched_and_their_tables_are_read(va: AsyncClient, short_video: Path, tmp_path: Path):
    heard: list[Progress] = []
    job = await va.submit(short_video, "scene", outputs="csv", progress=heard.append)
    other = await va.submit(video_id=job.video_id, pipelines="scene", outputs="csv")
    kinds = [event.WhichOneof("event") async for event in va.watch(job)]
    assert kinds[-1] == "terminal"
    ended, another = await asyncio.gather(va.wait(job), va.wait(other, progress=heard.append))
    assert ended.status == another.status == JobStatus.JOB_STATUS_COMPLETED
    assert heard[-1] == Progress("scene_detection", 50, 50, "frames")
    frames = await va.results(job)
    assert len(frames["scene_detection"]) == 2
    paths = await va.download_results(job, tmp_path)
    assert sorted(path.name for path in paths) == sorted(each.name for each in await va.artifacts(job))
    assert (await va.download_archive(job, tmp_path)).is_file()
    assert (await va.jobs(limit=1)).total >= 2
    await va.delete(other)


async def test_a_run_that_is_left_by_an_exception_is_cancelled(va: AsyncClient, long_video: Path):
    run = va.run(long_video, "person", config=SLOW)

    async def leave_at_first_progress() -> None:
        async with run:
            async for event in run:
                if event.WhichOneof("event") == "progress":
                    raise RuntimeError

    with pytest.raises(RuntimeError):
        await leave_at_first_progress()
    assert (await va.job(run.job.id)).status == JobStatus.JOB_STATUS_CANCELLED


async def test_a_run_whose_task_is_cancelled_is_cancelled(va: AsyncClient, long_video: Path):
    run = va.run(long_video, "person", config=SLOW)
    began = asyncio.Event()

    async def work() -> None:
        async with run:
            began.set()
            await run.wait()

    task = asyncio.create_task(work())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await va.job(run.job.id)).status == JobStatus.JOB_STATUS_CANCELLED


async def test_a_run_ends_with_its_job(va: AsyncClient, short_video: Path):
    async with va.run(short_video, "scene", outputs="csv") as run:
        job = await run.wait()
    assert job.status == JobStatus.JOB_STATUS_COMPLETED
    assert len((await run.results())["scene_detection"]) == 2
