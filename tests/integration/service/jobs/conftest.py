"""Databases of both kinds: what holds on one must hold on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.jobs.attempts import AttemptRepository, Slots
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.queue import JobQueue
from videoannotator.service.jobs.quota import JobQuota
from videoannotator.service.jobs.repository import JobRepository
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.retry import RetryPolicy
from videoannotator.service.jobs.submissions import Submissions
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.jobs.views import JobView

LEASE_DURATION = 20.0


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database of each kind, shared by the session; ``queue`` empties it."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@dataclass
class Queue:
    """Repositories on an empty database, with a clock that tests turn."""

    database: Database
    slots: Slots = field(default_factory=lambda: Slots(gpu=1, cpu=2))
    now: float = 1_000_000.0
    max_open_jobs: int = 1000
    hub: EventHub = field(default_factory=EventHub)

    def __post_init__(self) -> None:
        unit_of_work = UnitOfWork(self.database, self.hub, lambda: self.now)
        quota = JobQuota(self.max_open_jobs)
        self.jobs = JobRepository(unit_of_work, quota)
        self.submissions = Submissions(unit_of_work, quota)
        self.queue = JobQueue(unit_of_work)
        self.attempts = AttemptRepository(unit_of_work, RetryPolicy(10, 100, 0), LEASE_DURATION)
        with self.database.write() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.exec(table.delete())  # type: ignore[call-overload]
        with self.database.write() as session:
            session.add(
                VideoRow(
                    id="v",
                    owner=ANYBODY.owner,
                    filename="clip.mp4",
                    size_bytes=5,
                    committed_bytes=5,
                    state="ready",
                    created_at=self.now,
                    media={"container": "mov", "duration": 3.0, "video_codec": "h264"},
                )
            )

    def submit(self, **fields: object) -> JobView:
        """Queue a job a moment after the last."""
        self.now += 0.001
        return self.submissions.submit(ANYBODY, JobRequest("v", ("scene_detection",), **fields))  # type: ignore[arg-type]


@pytest.fixture
def queue(database: Database) -> Queue:
    """An empty queue."""
    return Queue(database)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where an SQLite database may be made."""
    return tmp_path / "videoannotator.db"
