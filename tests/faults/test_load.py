"""Thousands of watchers and dozens of submitters at once: nobody is refused, and the server stays small and quick."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import psutil
import pytest

from tests.support.service import Service, running
from videoannotator.v1 import jobs_pb2, jobs_pb2_grpc, types_pb2

pytestmark = pytest.mark.timeout(240)
WATCHES = 5_000
SUBMITTERS = 50
ML = ("cv2", "numpy", "onnxruntime", "torch", "/av/", "av.libs", "scenedetect", "scipy")
MIB = 2**20


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Service]:
    """A server with one place and room for many jobs."""
    with running(
        tmp_path / "storage", VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="1", VIDEOANNOTATOR_MAX_OWNER_JOBS="5000"
    ) as service:
        yield service


@pytest.fixture
async def jobs(lone: Service) -> AsyncIterator[jobs_pb2_grpc.JobServiceStub]:
    """An asynchronous client: one connection for all calls."""
    async with grpc.aio.insecure_channel(lone.address) as channel:
        yield jobs_pb2_grpc.JobServiceStub(channel)


def bearer(service: Service) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {service.token}"),)


def resident(service: Service) -> int:
    return psutil.Process(service.process.pid).memory_info().rss


def test_an_idle_server_is_small_and_has_loaded_no_machine_learning(lone: Service, short_video: Path) -> None:
    client = lone.client()
    assert resident(lone) < 120 * MIB
    client.wait(client.submit(client.upload(short_video).id, "scene", "person").id)
    maps = Path(f"/proc/{lone.process.pid}/maps").read_text()
    assert [name for name in ML if name in maps] == []


@pytest.mark.slow
async def test_five_thousand_watches_opened_at_once_are_all_served(
    lone: Service, jobs: jobs_pb2_grpc.JobServiceStub, long_video: Path
) -> None:
    client = lone.client()
    video = client.upload(long_video)
    blocker = client.submit(video.id, "person", config={"person_tracking": {"frames_per_second": 25}})
    client.wait_until(blocker.id, types_pb2.JOB_STATUS_RUNNING)
    job = client.submit(video.id)
    before = resident(lone)
    informed = 0

    async def watch() -> str:
        nonlocal informed
        request = jobs_pb2.WatchJobRequest(job_id=job.id)
        last = ""
        async for event in jobs.WatchJob(request, metadata=bearer(lone)):
            last = event.WhichOneof("event") or ""
            informed += last == "snapshot"
        return last

    watches = [asyncio.create_task(watch()) for _ in range(WATCHES)]
    while informed < WATCHES and not any(each.done() for each in watches):
        await asyncio.sleep(0.1)
    assert informed == WATCHES
    assert (resident(lone) - before) / WATCHES < 60_000
    seconds = []
    for _ in range(200):
        started = time.monotonic()
        await jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job.id), metadata=bearer(lone))
        seconds.append(time.monotonic() - started)
    assert sorted(seconds)[100] < 0.1
    await jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id), metadata=bearer(lone))
    async with asyncio.timeout(60):
        assert set(await asyncio.gather(*watches)) == {"terminal"}


@pytest.mark.slow
async def test_submitting_stays_quick_with_fifty_clients_at_once(
    lone: Service, jobs: jobs_pb2_grpc.JobServiceStub, short_video: Path
) -> None:
    video = lone.client().upload(short_video)
    seconds: list[float] = []

    async def submit(number: int) -> None:
        for _ in range(10):
            request = jobs_pb2.SubmitJobRequest(video_id=video.id, pipelines=["scene", "person"], priority=-number)
            started = time.monotonic()
            await jobs.SubmitJob(request, metadata=bearer(lone))
            seconds.append(time.monotonic() - started)

    await asyncio.gather(*(submit(number) for number in range(SUBMITTERS)))
    seconds.sort()
    p95 = seconds[int(len(seconds) * 0.95)]
    print(f"submission with {SUBMITTERS} clients: p50 {seconds[len(seconds) // 2]:.3f} s, p95 {p95:.3f} s")
    assert len(seconds) == 10 * SUBMITTERS
    assert p95 < 1.0  # the goal is 0.2 s on a machine that does nothing else
