"""A storage that is looked after without its service: what may go, found and removed in one place."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from videoannotator.errors import ConfigurationError, ForbiddenError, VideoInUseError, VideoNotFoundError
from videoannotator.service.auth.access import ANYBODY, TokenText
from videoannotator.service.auth.audit_log import AuditLog
from videoannotator.service.auth.tokens import TokenRepository
from videoannotator.service.database.connection import Database
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.leftovers import Kind, Leftover
from videoannotator.service.orphans import Orphans
from videoannotator.service.retention import Retention, Rule
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.repository import delete_video


@dataclass(frozen=True, slots=True)
class Policy:
    """What may go."""

    rule: Rule
    """Holds for jobs that have no rule of their own."""
    with_videos: bool
    """Whether a video goes when no job is left of it."""
    min_age: float
    """Seconds for which nothing was written into files that count as stray."""


class Upkeep:
    """Finds what may go in a storage, and removes it."""

    def __init__(self, database: Database, layout: Layout, policy: Policy) -> None:
        self._retention = Retention(
            UnitOfWork(database, EventHub()), layout, policy.rule, with_videos=policy.with_videos
        )
        self._orphans = Orphans(database, layout, time.time, policy.min_age)
        self._database = database

    def find(self) -> list[Leftover]:
        """Return everything that may go, and the results that are lost."""
        return [*self._retention.due(), *self._orphans.stray_files(), *self._orphans.lost_files()]

    def remove(self, leftover: Leftover) -> bool:
        """Remove one thing that was found; return False if it has to stay."""
        match leftover.kind:
            case Kind.JOB | Kind.UNUSED_VIDEO:
                return self._retention.remove(leftover)
            case Kind.STRAY_FILES:
                self._orphans.remove(leftover)
                return True
            case Kind.LOST_VIDEO:
                return self._forget_video(leftover.id)
            case Kind.LOST_RESULT:
                return False

    def _forget_video(self, video_id: str) -> bool:
        with self._database.write() as session, suppress(VideoInUseError, VideoNotFoundError):
            delete_video(session, ANYBODY, video_id)
            return True
        return False


@contextmanager
def open_storage(storage_dir: Path, database_url: str) -> Iterator[tuple[Layout, Database]]:
    """Yield the directories and the database of a storage, whether its service runs or not.

    Raises:
        ConfigurationError: There is no storage, or its database is not of this version.
    """
    layout = Layout(storage_dir)
    if not layout.results.is_dir():
        raise ConfigurationError(
            f"There is no storage in {layout.root}.",
            hint="Name it with --storage-dir or VIDEOANNOTATOR_STORAGE_DIR.",
            field="VIDEOANNOTATOR_STORAGE_DIR",
        )
    database = Database(database_url)
    try:
        if not database.is_current():
            raise ConfigurationError(
                "The database is of another version of the program.",
                hint="Start the service of this version once: it brings the database up to date.",
                field="VIDEOANNOTATOR_DATABASE_URL",
            )
        yield layout, database
    finally:
        database.close()


def recover_admin(layout: Layout, database: Database) -> TokenText:
    """Return a new token of an administrator, for the one to whom the storage belongs; the audit log tells of it.

    Raises:
        ForbiddenError: The storage belongs to another user of this machine.
    """
    if os.geteuid() not in (0, layout.root.stat().st_uid):
        raise ForbiddenError(
            f"The storage {layout.root} belongs to another user.",
            hint="Run the command as the user that the service runs as.",
        )
    layout.create()
    return TokenRepository(database, time.time, AuditLog(layout.audit, time.time)).create_admin()
