"""A storage that is looked after without its service: what may go, found and removed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from videoannotator.errors import ConfigurationError, VideoInUseError, VideoNotFoundError
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.connection import Database
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.leftovers import Kind, Leftover
from videoannotator.service.orphans import Orphans
from videoannotator.service.retention import Retention, Rule
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.repository import VideoRepository
from videoannotator.settings import Settings


class Upkeep:
    """Finds what may go in a storage, and removes it."""

    def __init__(self, database: Database, settings: Settings, rule: Rule) -> None:
        """``rule``: what holds for jobs that have no rule of their own."""
        layout = Layout(settings.storage_dir)
        unit_of_work = UnitOfWork(database, EventHub())
        self._retention = Retention(unit_of_work, layout, rule, with_videos=settings.delete_unused_videos)
        self._orphans = Orphans(database, layout, time.time, settings.upload_expiry)
        self._videos = VideoRepository(database, time.time, settings.max_owner_bytes, settings.upload_expiry)

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
                try:
                    self._videos.delete(ANYBODY, leftover.id)
                except (VideoInUseError, VideoNotFoundError):
                    return False
                return True
            case Kind.LOST_RESULT:
                return False


@contextmanager
def open_upkeep(settings: Settings, rule: Rule) -> Iterator[Upkeep]:
    """Yield the upkeep of the storage that the settings name.

    Raises:
        ConfigurationError: There is no storage, or its database is not of this version.
    """
    if not Layout(settings.storage_dir).results.is_dir():
        raise ConfigurationError(
            f"There is no storage in {settings.storage_dir.absolute()}.",
            hint="Name it with --storage-dir or VIDEOANNOTATOR_STORAGE_DIR.",
            field="VIDEOANNOTATOR_STORAGE_DIR",
        )
    database = Database(settings.effective_database_url)
    try:
        if not database.is_current():
            raise ConfigurationError(
                "The database is of another version of the program.",
                hint="Start the service of this version once: it brings the database up to date.",
                field="VIDEOANNOTATOR_DATABASE_URL",
            )
        yield Upkeep(database, settings, rule)
    finally:
        database.close()
