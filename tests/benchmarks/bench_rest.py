"""REST through Envoy, beside plain FastAPI that serves the same bytes: reads, uploads, downloads and live events."""

from __future__ import annotations

import json
import os
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil
from sqlmodel import col, select

from tests.benchmarks import plain
from tests.benchmarks.load import Listeners, Load, ask, get, receive, send
from tests.benchmarks.report import Report
from tests.support.rest import Rest
from tests.support.service import Service, eventually
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import ArtifactRow
from videoannotator.testing.pictures import cuts, texture
from videoannotator.testing.videos import write_video
from videoannotator.v1 import types_pb2

MB = 10**6
MIB = 2**20
LARGE = 500 * MB
ROUNDS = 3
SECONDS = 4.0
LISTENERS = 1000
_RUNNING = types_pb2.JOB_STATUS_RUNNING
_BUSY = {"person_tracking": {"frames_per_second": 25}}


def main() -> None:
    """Measure and print."""
    report = Report("REST through Envoy on SQLite; RATIO compares with plain FastAPI unless the row says otherwise")
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        try:
            with plain.serving(bench.directory) as (address, process):
                eventually(lambda: _serves(address))
                reading(bench, address, report)
                uploading(bench, address, process, report)
                downloading(bench, address, report)
            telling(bench, report)
            listening(bench, report)
        finally:
            bench.service.close()
    report.print()


class Bench:
    """A service with a finished job, a large video, and clips that keep workers busy."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clip = write_video(directory / "clip.mp4", cuts([texture(1), texture(2)], [250, 250]))
        self.long = write_video(directory / "long.mp4", cuts([texture(1), texture(2)], [3000, 3000]))
        self.large = _padded(self.clip, directory / "large.mp4", LARGE)
        self.service = Service(
            directory / "storage",
            VIDEOANNOTATOR_REST="true",
            REST_RATE_LIMIT="1000000",
            MAX_CONCURRENT_CPU_JOBS="2",
            LOG_LEVEL="WARNING",
        ).start()
        client = self.service.client()
        self.job_id = client.wait(client.submit(client.upload(self.clip).id, "scene", "person").id).id
        (directory / "job.json").write_bytes(self.rest.get(self.path).body)

    @property
    def rest(self) -> Rest:
        """A client of the service as it runs now."""
        return Rest(self.service.url, self.service.token)

    @property
    def path(self) -> str:
        """Of the finished job."""
        return f"/api/v1/jobs/{self.job_id}"

    def read(self, path: str, connections: int) -> Load:
        """Ask for ``path`` for a while."""
        return ask(self.rest.address, get(path, self.service.token), connections, SECONDS)

    @contextmanager
    def two_jobs_running(self) -> Iterator[list[str]]:
        """Yield the ids of two jobs that run."""
        client = self.service.client()
        video = client.upload(self.long)
        jobs = [client.submit(video.id, "person", config=_BUSY).id for _ in range(2)]
        for job_id in jobs:
            client.wait_until(job_id, _RUNNING)
            eventually(lambda: client.job(job_id).progress > 0, 60)  # noqa: B023
        yield jobs
        assert all(client.job(job_id).status == _RUNNING for job_id in jobs), "the jobs ended too early"
        for job_id in jobs:
            self.rest.delete(f"/api/v1/jobs/{job_id}?force=true")


def reading(bench: Bench, other: tuple[str, int], report: Report) -> None:
    """The status of a job, which clients ask for again and again."""
    alone = bench.read(bench.path, 1)
    run_directly = ask(other, get("/job"), 1, SECONDS)
    size = (bench.directory / "job.json").stat().st_size
    ratio = alone.percentile(0.5) / run_directly.percentile(0.5)
    report.add(
        f"status read of {size / 1000:.0f} kB, one at a time, median", f"{alone.percentile(0.5):.2f} ms", ratio, "2 ms"
    )
    report.add("bytes in memory from plain FastAPI, without token and job", f"{run_directly.percentile(0.5):.2f} ms")
    quiet = bench.read(bench.path, 16)
    run_directly = ask(other, get("/job"), 16, SECONDS)
    report.add("status reads, 16 in flight", f"{quiet.rate:.0f}/s", quiet.rate / run_directly.rate, "1500/s")
    report.add("the same from plain FastAPI", f"{run_directly.rate:.0f}/s")
    report.add("part of a processor that the client took meanwhile", f"{quiet.own_share:.2f}")
    with bench.two_jobs_running() as jobs:
        busy = bench.read(bench.path, 16)
        running = bench.read(f"/api/v1/jobs/{jobs[0]}", 16)
    # Others use the machine, too: what is quiet is measured on both sides of what is not.
    rate = (quiet.rate + bench.read(bench.path, 16).rate) / 2
    report.add(
        "the same while two jobs run; of the rate before and after",
        f"{busy.rate:.0f}/s",
        busy.rate / rate,
        "at least 0.70",
    )
    report.add("status reads of one of the two; likewise", f"{running.rate:.0f}/s", running.rate / rate)


def uploading(bench: Bench, other: tuple[str, int], other_process: int, report: Report) -> None:
    """A large video as a form: hashed, synced, probed and queued here; there only stored, or hashed and synced too."""
    ours: list[float] = []
    theirs: dict[str, list[float]] = {"/upload": [], "/safe-upload": []}
    processes = {"the service": bench.service.process.pid, "Envoy": _envoy(bench.service), "FastAPI": other_process}
    with peaks(processes) as peak:
        for _ in range(ROUNDS):
            for path, times in theirs.items():
                times.append(send(other, path, bench.large)[0])
            took, answer = send(bench.rest.address, "/api/v1/jobs", bench.large, bench.service.token)
            ours.append(took)
            job = json.loads(answer)
            assert job["video_size_bytes"] == LARGE
            bench.rest.delete(f"/api/v1/jobs/{job['id']}?force=true")
            bench.rest.delete(f"/api/v1/videos/{job['video_id']}")
    rate, stored, safe = (_rate(times) for times in (ours, *theirs.values()))
    report.add(
        f"upload of {LARGE // MB} MB as a form, to the answer", f"{rate:.0f} MB/s", rate / stored, "at least 2.00"
    )
    report.add("the same to plain FastAPI, which stores it", f"{stored:.0f} MB/s")
    report.add("... which hashes and syncs it, too; our rate of this one", f"{safe:.0f} MB/s", rate / safe)
    for name, goal in (("the service", "under 150 MB"), ("Envoy", "under 150 MB"), ("FastAPI", "")):
        report.add(f"largest memory of {name} meanwhile", f"{peak[name] / MB:.0f} MB", goal=goal)


def _rate(times: Sequence[float]) -> float:
    return LARGE / MB / statistics.median(times)


def downloading(bench: Bench, other: tuple[str, int], report: Report) -> None:
    """A large artifact."""
    artifact_id = _grow_an_artifact(bench)
    request = get(f"/api/v1/artifacts/{artifact_id}", bench.service.token)
    ours: list[float] = []
    theirs: list[float] = []
    with peaks({"service": bench.service.process.pid, "Envoy": _envoy(bench.service)}) as peak:
        for _ in range(ROUNDS):
            for times, address, wanted in ((theirs, other, get("/download")), (ours, bench.rest.address, request)):
                took, size = receive(address, wanted)
                assert size == LARGE
                times.append(took)
    rate, run_directly = _rate(ours), _rate(theirs)
    report.add(f"download of {LARGE // MB} MB", f"{rate:.0f} MB/s", rate / run_directly, "400 MB/s")
    report.add("the same from plain FastAPI", f"{run_directly:.0f} MB/s")
    told = ", ".join(f"{name} {size / MB:.0f} MB" for name, size in peak.items())
    report.add("largest memory meanwhile", told)


def telling(bench: Bench, report: Report) -> None:
    """From the moment progress of a worker is recorded to the moment a client of Server-Sent Events has it."""
    job = bench.rest.submit(bench.long, "person", config=json.dumps(_BUSY)).json()
    delays: list[float] = []
    with bench.rest.stream(f"/api/v1/jobs/{job['id']}/events") as response:
        for line in response:
            arrived = time.time()
            if line.startswith(b"data: ") and (event := json.loads(line[6:]))["type"] == "progress":
                delays.append(1000 * (arrived - datetime.fromisoformat(event["time"]).timestamp()))
            if len(delays) == 60:
                break
    delays.sort()
    report.add(
        "from progress to a client of live events, 95th percentile of 60",
        f"{delays[int(0.95 * len(delays))]:.1f} ms",
        goal="under 50 ms",
    )
    bench.rest.delete(f"/api/v1/jobs/{job['id']}?force=true")


def listening(bench: Bench, report: Report) -> None:
    """Many clients follow one job that runs."""
    processes = (bench.service.process.pid, _envoy(bench.service))
    job = bench.rest.submit(bench.long, "person", config=json.dumps(_BUSY)).json()
    path = f"/api/v1/jobs/{job['id']}"
    eventually(lambda: bench.rest.get(path).json()["progress"] > 0, 60)
    before = [_resident(pid) for pid in processes]
    began = time.time()
    listeners = Listeners(bench.rest.address, get(f"{path}/events", bench.service.token), LISTENERS)
    try:
        first = listeners.wait_for(b'"type":"snapshot"', 60)
        report.add(f"{LISTENERS} clients of live events, until the last has its first", f"{first[-1] - began:.1f} s")
        each = [(_resident(pid) - then) / LISTENERS / 1000 for pid, then in zip(processes, before, strict=True)]
        report.add("memory for each of them", f"service {each[0]:.0f} kB, Envoy {each[1]:.0f} kB")
        reads = [_timed(lambda: bench.rest.get(path)) for _ in range(20)]
        report.add("status read meanwhile, median", f"{statistics.median(reads):.1f} ms")
        bench.rest.post(f"{path}/cancel")
        heard = listeners.wait_for(b"event: job.cancelled", 60)
        ended = datetime.fromisoformat(bench.rest.get(path).json()["cancelled_at"]).timestamp()
        report.add("the end of the job reaches the last of them after", f"{1000 * (heard[-1] - ended):.0f} ms")
    finally:
        listeners.close()


@contextmanager
def peaks(processes: dict[str, int]) -> Iterator[dict[str, int]]:
    """Yield what holds, once the block has ended, the most memory that each process had, in bytes."""
    found = dict.fromkeys(processes, 0)
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for name, pid in processes.items():
                found[name] = max(found[name], _resident(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


def _resident(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


def _envoy(service: Service) -> int:
    return next(child.pid for child in psutil.Process(service.process.pid).children() if child.name() == "envoy")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _serves(address: tuple[str, int]) -> bool:
    try:
        return bool(ask(address, get("/job"), 1, 0.01).delays)
    except OSError:
        return False


def _padded(clip: Path, path: Path, size: int) -> Path:
    """Write ``clip`` with so much free space at its end, as MP4 allows, that it has ``size`` bytes."""
    content = clip.read_bytes()
    room = size - len(content)
    noise = os.urandom(MIB)
    with path.open("wb") as file:
        file.write(content + struct.pack(">I4sQ", 1, b"free", room))
        for start in range(16, room, MIB):
            file.write(noise[: room - start])
    return path


def _grow_an_artifact(bench: Bench) -> str:
    """Put the large file in the place of an artifact while the service is down; return the artifact's id."""
    bench.service.stop()
    database = Database(f"sqlite:///{bench.directory / 'storage' / 'videoannotator.db'}")
    with database.write() as session:
        artifact = session.exec(select(ArtifactRow).where(col(ArtifactRow.job_id) == bench.job_id)).first()
        assert artifact is not None
        path = bench.directory / "storage" / "results" / artifact.path
        path.unlink()
        os.link(bench.large, path)
        artifact.size_bytes = LARGE
        found = artifact.id
    database.close()
    bench.service.start()
    return found


if __name__ == "__main__":
    main()
