"""The running service: how fast it answers, takes videos in and tells watchers, beside what the machine itself does."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.benchmarks.report import Report
from tests.support.service import Client, Service, chunks, running
from videoannotator.testing.pictures import cuts, texture
from videoannotator.testing.videos import write_video
from videoannotator.v1 import jobs_pb2, videos_pb2

MIB = 2**20
UPLOAD = 256 * MIB
READS = 2000
SUBMITTERS = 50


def main() -> None:
    """Measure and print."""
    report = Report("The service on SQLite, one client process beside it on the same machine")
    with tempfile.TemporaryDirectory() as directory:
        clip = write_video(Path(directory) / "clip.mp4", cuts([texture(1), texture(2)], [250, 250]))
        with running(Path(directory) / "storage", VIDEOANNOTATOR_LOG_LEVEL="WARNING") as service:
            client = service.client()
            report.add("memory of the idle server", f"{_resident(service):.0f} MiB", goal="under 120 MiB")
            video = client.upload(clip)
            job = client.wait(client.submit(video.id).id)
            reading(client, job.id, report)
            submitting(client, video.id, report)
            watching(client, video.id, report)
            uploading(client, Path(directory), report)
            report.add("memory after all that", f"{_resident(service):.0f} MiB")
    report.print()


def _resident(service: Service) -> float:
    return psutil.Process(service.process.pid).memory_info().rss / MIB


def timed(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def reading(client: Client, job_id: str, report: Report) -> None:
    """Status reads, one after the other and many at once."""
    alone = [timed(lambda: client.job(job_id)) for _ in range(READS // 4)]
    report.add("GetJob, one at a time, median", f"{statistics.median(alone):.1f} ms")
    with ThreadPoolExecutor(16) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: client.job(job_id), range(READS)))
        rate = READS / (time.perf_counter() - began)
    report.add("GetJob, 16 at once; times what the old program did (160/s)", f"{rate:.0f}/s", rate / 160)


def submitting(client: Client, video_id: str, report: Report) -> None:
    """Submissions with validation by many clients at once."""
    with ThreadPoolExecutor(SUBMITTERS) as pool:
        jobs = list(pool.map(lambda _: _submitted(client, video_id), range(4 * SUBMITTERS)))
    delays = sorted(delay for delay, _ in jobs)
    p95 = delays[int(0.95 * len(delays))]
    report.add(f"SubmitJob by {SUBMITTERS} clients at once, 95th percentile", f"{p95:.0f} ms", goal="under 200 ms")
    for _, job_id in jobs:
        client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job_id, force=True))


def _submitted(client: Client, video_id: str) -> tuple[float, str]:
    began = time.perf_counter()
    job = client.submit(video_id, "person", "scene")
    return 1000 * (time.perf_counter() - began), job.id


def watching(client: Client, video_id: str, report: Report) -> None:
    """From the moment an event is recorded to the moment a watcher has it."""
    job = client.submit(video_id, "person", "scene")
    delays = []
    for event in client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id)):
        if event.HasField("progress"):
            delays.append(1000 * (time.time() - event.time.ToNanoseconds() / 1e9))
    delays.sort()
    report.add(
        "from event to watcher, 95th percentile", f"{delays[int(0.95 * len(delays))]:.1f} ms", goal="under 50 ms"
    )


def uploading(client: Client, directory: Path, report: Report) -> None:
    """Bytes over loopback to the disk, against writing the same bytes to the same disk."""
    data = os.urandom(MIB) * (UPLOAD // MIB - 1) + bytes(MIB)
    direct = timed(lambda: _write(directory / "direct", data))
    request = videos_pb2.CreateVideoRequest(filename="large.mp4", size_bytes=len(data) + 1)
    video = client.videos.CreateVideo(request)
    sent = timed(lambda: client.videos.WriteVideo(chunks(video.id, data, size=MIB)))
    rate = UPLOAD / MIB / (sent / 1000)
    report.add(
        f"upload of {UPLOAD // MIB} MiB, synced; times as long as a plain write and sync",
        f"{rate:.0f} MiB/s",
        sent / direct,
        "200 MiB/s",
    )


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
