"""A video that comes whole, of a size that nobody announced, leaves the disk the room that must stay free."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from videoannotator.errors import StorageExhaustedError
from videoannotator.media.info import MediaInfo
from videoannotator.service.auth.audit_log import AuditLog
from videoannotator.service.database.connection import Database
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.intake import Intake
from videoannotator.service.videos.repository import VideoRepository
from videoannotator.service.videos.streaming_uploads import StreamingUploads

MIB = 2**20


class SmallDisk(Layout):
    """A storage on a disk of so many bytes."""

    size = 20 * MIB

    def free_bytes(self) -> int:
        return self.size - sum(path.stat().st_size for path in self.uploads.rglob("data"))


async def no_file(path: Path) -> MediaInfo:
    raise AssertionError("it never arrives")


async def deliver(streaming_uploads: StreamingUploads, size: int) -> None:
    async with streaming_uploads.open() as upload:
        for _ in range(size // MIB):
            await upload.write(bytes(MIB))


async def test_it_is_refused_when_the_room_that_must_stay_free_is_reached(tmp_path: Path) -> None:
    layout = SmallDisk(tmp_path / "storage")
    layout.create()
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    videos = VideoRepository(database, time.time, max_owner_bytes=1000 * MIB, expiry=100.0)
    streaming_uploads = StreamingUploads(
        videos, Intake(layout, no_file, max_bytes=100 * MIB, min_free_bytes=6 * MIB), AuditLog(layout.audit, time.time)
    )
    with pytest.raises(StorageExhaustedError):
        await deliver(streaming_uploads, 60 * MIB)
    assert list(layout.uploads.iterdir()) == []
