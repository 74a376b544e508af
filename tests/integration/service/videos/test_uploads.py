"""An upload that nobody finishes goes away, and takes its file with it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from videoannotator.errors import VideoNotFoundError
from videoannotator.media.info import MediaInfo
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.auth.audit_log import AuditLog
from videoannotator.service.database.connection import Database
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.intake import Intake
from videoannotator.service.videos.repository import NewVideo, VideoRepository
from videoannotator.service.videos.upload_writer import UploadChunk
from videoannotator.service.videos.uploads import Uploads


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def any_file(path: Path) -> MediaInfo:
    return MediaInfo(container="mov", duration=1.0, video_codec="h264")


async def pieces(video_id: str, *data: bytes) -> AsyncIterator[UploadChunk]:
    offset = 0
    for piece in data:
        yield UploadChunk(video_id, offset, piece)
        offset += len(piece)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.create()
    return layout


@pytest.fixture
def videos(tmp_path: Path, clock: Clock) -> VideoRepository:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    return VideoRepository(database, clock, max_owner_bytes=1000, expiry=100.0)


@pytest.fixture
def uploads(videos: VideoRepository, layout: Layout) -> Uploads:
    return Uploads(videos, Intake(layout, any_file, max_bytes=500, min_free_bytes=0), AuditLog(layout.audit, time.time))


async def test_unfinished_uploads_expire_a_while_after_their_last_byte(
    uploads: Uploads, videos: VideoRepository, layout: Layout, clock: Clock
) -> None:
    video = await uploads.create(ANYBODY, NewVideo("a.mp4", 10))
    clock.now += 90
    await uploads.receive(ANYBODY, pieces(video.id, b"12345"))
    clock.now += 90
    assert await uploads.expire() == 0
    clock.now += 20
    assert await uploads.expire() == 1
    with pytest.raises(VideoNotFoundError):
        videos.get(ANYBODY, video.id)
    assert list(layout.uploads.iterdir()) == []


async def test_finished_videos_never_expire(uploads: Uploads, videos: VideoRepository, clock: Clock) -> None:
    video = await uploads.create(ANYBODY, NewVideo("a.mp4", 4))
    finished = await uploads.receive(ANYBODY, pieces(video.id, b"12", b"34"))
    assert finished.state == "ready"
    clock.now += 1e9
    assert await uploads.expire() == 0
    assert videos.get(ANYBODY, video.id).expires_at is None
