"""Months on a shared server: what 100,000 jobs of 200 owners cost, and what an hour of video leaves in the database."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, func, select

from tests.benchmarks.report import Report, seconds
from videoannotator.outcome import Outcome, RunOutcome
from videoannotator.service.auth.access import ANYBODY, Principal, Scope
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import ArtifactRow, EventRow, JobRow, RunRow, VideoRow
from videoannotator.service.jobs.attempts import AttemptRepository, Slots
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.progress import AttemptProgress, RunProgress
from videoannotator.service.jobs.quota import JobQuota
from videoannotator.service.jobs.repository import JobFilter, JobRepository
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.retry import RetryPolicy
from videoannotator.service.jobs.submissions import Submissions
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.orphans import Orphans
from videoannotator.service.retention import Retention
from videoannotator.service.storage_layout import Layout

JOBS = 100_000
OWNERS = 200
DIRECTORIES = 10_000
PIPELINES = ("person_tracking", "face_analysis", "scene_detection", "audio_processing")
STEPS_A_SECOND = 4
DAY = 86400.0
ROUND = 3600.0
"""Time between two rounds of cleanup, in seconds: an hour, as long as the video above."""
FILES = 10


def main() -> None:
    """Measure and print."""
    report = Report(f"A storage on SQLite with {JOBS:,} ended jobs of {OWNERS} owners")
    with tempfile.TemporaryDirectory() as directory:
        hour_of_video(Path(directory) / "hour", report)
        months(Path(directory) / "months", report)
    report.print()


def opened(directory: Path) -> tuple[Layout, Database]:
    """Return an empty storage."""
    layout = Layout(directory)
    layout.create()
    database = Database(f"sqlite:///{directory / 'videoannotator.db'}")
    database.migrate()
    with database.write() as session:
        session.add(VideoRow(id="v", owner=ANYBODY.owner, filename="v.mp4", size_bytes=1, state="ready",
                             created_at=time.time(), media={"container": "mov", "duration": 3600.0,
                                                            "video_codec": "h264"}))  # fmt: skip
    return layout, database


def hour_of_video(directory: Path, report: Report) -> None:
    """An attempt of an hour with four pipelines, each of which tells a step four times a second."""
    _, database = opened(directory)
    now = [time.time()]
    unit_of_work = UnitOfWork(database, EventHub(), lambda: now[0])
    attempts = AttemptRepository(unit_of_work, RetryPolicy(1, 1, 0), 20)
    Submissions(unit_of_work, JobQuota(10)).submit(ANYBODY, JobRequest("v", PIPELINES))
    claim = attempts.claim(Slots(1, 1))
    assert claim is not None
    progress, steps = AttemptProgress(claim.lease.job_id, claim.units, 0.0), STEPS_A_SECOND * 3600
    written, began, transactions = _bytes_written(), time.perf_counter(), 0
    for step in range(steps):
        at = step / STEPS_A_SECOND
        now[0] += 1 / STEPS_A_SECOND
        for pipeline in PIPELINES:
            attempts.show(progress.advance(RunProgress(pipeline, step, 0, steps), now[0]))
            if progress.is_due(at):
                attempts.renew(claim.lease, progress.take(at))
                transactions += 1
    for pipeline in PIPELINES:
        attempts.record_run(claim.lease, RunOutcome(pipeline=pipeline, status="completed", units_done=steps))
    runs = tuple(RunOutcome(pipeline=pipeline, status="completed", units_done=steps) for pipeline in PIPELINES)
    attempts.commit(claim.lease, Outcome(runs=runs, artifacts=()), [], [])
    took, written = time.perf_counter() - began, _bytes_written() - written
    with database.read() as session:
        rows = session.exec(select(func.count()).select_from(EventRow)).one()
    report.add("an hour of video, four pipelines: rows that it leaves", str(rows))
    report.add("... transactions; of the steps that were told", f"{transactions}", transactions / (4 * steps))
    report.add("... bytes written meanwhile, by the count of the kernel", f"{written / 1e6:.0f} MB")
    report.add("... time for all of it; of one core through the hour", _share(took), goal="under 1 %")
    database.close()


def months(directory: Path, report: Report) -> None:
    """Lists and cleanups when much is kept. A round of cleanup is made once an hour."""
    layout, database = opened(directory)
    _fill(database)
    for number in range(DIRECTORIES):
        attempt = layout.attempt(f"{number:032x}", 1)
        attempt.mkdir(parents=True)
        (attempt / "records.ndjson").write_bytes(b"x")
    size = (directory / "videoannotator.db").stat().st_size
    report.add(f"database, with {FILES * DIRECTORIES:,} files of the last {DIRECTORIES:,} jobs", f"{size / 1e6:.0f} MB")
    unit_of_work = UnitOfWork(database, EventHub())
    jobs = JobRepository(unit_of_work, JobQuota(10))
    owner = Principal("owner-7", Scope.READ)
    one = 1000 * seconds(lambda: jobs.list(owner, JobFilter(), 20), 21)
    everyone = 1000 * seconds(lambda: jobs.list(ANYBODY, JobFilter(), 20), 11)
    report.add("list of 20, by an owner of 500 jobs, median", f"{one:.1f} ms", goal="under 5 ms")
    report.add("list of 20, by an administrator, of all, median", f"{everyone:.1f} ms")

    retention = Retention(unit_of_work, layout, {"completed": 365}, with_videos=True)
    orphans = Orphans(database, layout, time.time, DAY)
    idle = seconds(retention.apply) + seconds(orphans.sweep) + seconds(orphans.lost_files)
    report.add("a round of cleanup that finds nothing; of one core", _share(idle), goal="under 1 %")
    busy = Retention(unit_of_work, layout, {"completed": 1}, with_videos=True)
    began = time.perf_counter()
    gone = len(busy.apply())
    took = time.perf_counter() - began
    report.add(f"a round that removes {gone} jobs; of one core", _share(took), goal="under 1 %")
    database.close()


def _share(took: float) -> str:
    return f"{took:.2f} s, {100 * took / ROUND:.3f} %"


def _fill(database: Database) -> None:
    now = time.time()
    ended = [now - 2 * DAY - number for number in range(JOBS)]
    job: dict[str, Any] = {"video_id": "gone", "video_filename": "v.mp4", "video_size_bytes": 1, "max_attempts": 3}
    job |= {"status": "completed", "progress": 1.0, "attempt": 1, "pipelines": list(PIPELINES), "last_sequence": 10}
    for first in range(0, JOBS, 5000):
        numbers = range(first, first + 5000)
        rows = [
            {**job, "id": f"{n:032x}", "owner": f"owner-{n % OWNERS}", "created_at": ended[n] - 60,
             "queued_at": ended[n] - 60, "due_at": ended[n] - 60, "completed_at": ended[n], "updated_at": ended[n]}
            for n in numbers
        ]  # fmt: skip
        runs = [
            {"job_id": f"{n:032x}", "pipeline": pipeline, "position": place, "status": "completed", "progress": 1.0}
            for n in numbers
            for place, pipeline in enumerate(PIPELINES)
        ]
        events = [
            {"job_id": f"{n:032x}", "sequence": k, "time": ended[n], "kind": "log", "payload": {"message": "x" * 40}}
            for n in numbers
            for k in range(1, 11)
        ]
        artifact = {
            "attempt": 1,
            "name": "x",
            "format": "ndjson",
            "media_type": "x",
            "size_bytes": 1,
            "sha256": "0",
            "created_at": now,
        }
        artifacts = [
            {**artifact, "id": f"{n:028x}{k:04x}", "job_id": f"{n:032x}", "path": f"{n:032x}/1/records.ndjson"}
            for n in numbers
            if n < DIRECTORIES
            for k in range(FILES)
        ]
        with database.write() as session:
            session.execute(insert(JobRow), rows)
            session.execute(insert(RunRow), runs)
            session.execute(insert(EventRow), events)
            if artifacts:
                session.execute(insert(ArtifactRow), artifacts)
    with database.read() as session:
        assert session.exec(select(func.count(col(JobRow.id)))).one() == JOBS


def _bytes_written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


if __name__ == "__main__":
    main()
