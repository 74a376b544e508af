"""Receiving videos: bytes count once they are on disk, so that any broken upload resumes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from videoannotator.crash_points import crash_point
from videoannotator.errors import (
    CorruptMediaError,
    InvalidRequestError,
    MediaLimitError,
    UnsupportedMediaError,
    UploadChecksumError,
    VideoNotFoundError,
)
from videoannotator.service.auth.access import Principal
from videoannotator.service.auth.audit_log import Action, AuditLog
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.storage_layout import disk_errors
from videoannotator.service.videos.intake import Intake
from videoannotator.service.videos.repository import NewVideo, VideoRepository
from videoannotator.service.videos.upload_writer import UploadChunk, UploadWriter

_DISCARDED = "The upload was discarded; create the video again and upload it anew."


class Uploads:
    """Takes videos in."""

    def __init__(self, repository: VideoRepository, intake: Intake, audit_log: AuditLog) -> None:
        self._repository = repository
        self._audit_log = audit_log
        self._intake = intake
        self._writers: dict[str, UploadWriter] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def create(self, principal: Principal, new: NewVideo) -> VideoRow:
        """Announce an upload.

        Raises:
            UploadTooLargeError: The file is larger than the service accepts.
            StorageExhaustedError: The disk has no room for it.
        """
        self._intake.check_size(new.size_bytes, field="size_bytes")
        self._intake.require_room(new.size_bytes)
        video = await asyncio.to_thread(self._repository.create, principal, new)
        self._audit_log.record(principal, Action.VIDEO_ANNOUNCED, video_id=video.id)
        return video

    async def receive(self, principal: Principal, chunks: AsyncIterator[UploadChunk]) -> VideoRow:
        """Write chunks to their video until they end; finish the video when its last byte is there.

        What arrived before the chunks broke off stays committed.

        Raises:
            VideoNotFoundError: The principal has no such video.
            UploadOffsetError: A chunk does not start where the file ends.
            UploadChecksumError: A chunk, or the whole file, differs from its checksum.
            UploadTooLargeError: There are more bytes than were announced.
            UploadConflictError: Another call continues the upload.
            StorageExhaustedError: The disk is full.
            UnsupportedMediaError, CorruptMediaError, MediaLimitError: It is not a video that can be used.
        """
        writer: UploadWriter | None = None
        flush = _nothing()
        try:
            async for chunk in chunks:
                if writer is None:
                    video = await asyncio.to_thread(self._repository.get, principal, chunk.video_id)
                    if video.state == "ready":
                        return video
                    writer = await self._open(principal, video.id)
                writer.take(chunk)
                if writer.wants_flush:
                    # One batch goes to the disk while the next one arrives.
                    await asyncio.shield(flush)
                    flush = asyncio.ensure_future(self._flush(writer))
            if writer is None:
                raise InvalidRequestError("The stream ended before its first chunk.", field="video_id")
        finally:
            if writer is not None:
                await asyncio.shield(self._close(writer, flush))
        # A caller that went away ends the stream as if all were said; this await is where its absence shows.
        await asyncio.sleep(0)
        if writer.committed == writer.size:
            # A caller that loses patience now must not cost the upload.
            return await asyncio.shield(self._finish(principal, writer))
        return await asyncio.to_thread(self._repository.get, principal, writer.video_id)

    async def remove(self, principal: Principal, video_id: str) -> None:
        """Delete a video with its file.

        Raises:
            VideoInUseError: A job that has not ended needs it.
        """
        # Not between two steps of a call that writes to it, which would leave a file without a video.
        async with self._lock(video_id):
            await asyncio.to_thread(self._repository.delete, principal, video_id)
            self._audit_log.record(principal, Action.VIDEO_DELETED, video_id=video_id)
            await self._intake.remove(video_id)

    async def expire(self) -> int:
        """Delete the unfinished uploads that were not continued; return their number."""
        expired = await asyncio.to_thread(self._repository.expired)
        for video_id in expired:
            async with self._lock(video_id):
                await self._discard(video_id)
        return len(expired)

    async def _open(self, principal: Principal, video_id: str) -> UploadWriter:
        if previous := self._writers.get(video_id):
            previous.superseded = True
        async with self._lock(video_id):
            video = await asyncio.to_thread(self._repository.get, principal, video_id)
            with disk_errors():
                writer = await asyncio.to_thread(UploadWriter, video, self._intake.path(video_id))
            self._writers[video_id] = writer
            return writer

    async def _flush(self, writer: UploadWriter) -> None:
        async with self._lock(writer.video_id):
            if writer.superseded or writer.broken:
                return
            pieces = writer.gathered()
            if not pieces:
                return
            try:
                self._intake.require_room()
                await asyncio.to_thread(writer.write, pieces)
                writer.commit()
                await asyncio.to_thread(self._repository.advance, writer.video_id, writer.committed)
            except BaseException:
                # What came after the lost bytes cannot be used.
                writer.broken = True
                raise

    async def _close(self, writer: UploadWriter, flush: asyncio.Future[None]) -> None:
        try:
            await flush
            await self._flush(writer)
        finally:
            if self._writers.get(writer.video_id) is writer:
                del self._writers[writer.video_id]

    async def _finish(self, principal: Principal, writer: UploadWriter) -> VideoRow:
        video_id = writer.video_id
        async with self._lock(video_id):
            if not writer.path.exists():
                raise VideoNotFoundError(f"Video {video_id} was deleted.", {"video_id": video_id})
            try:
                digest = await asyncio.to_thread(writer.digest)
                media = await self._intake.inspect(video_id, digest, writer.announced_sha256, _DISCARDED)
            except (UploadChecksumError, UnsupportedMediaError, CorruptMediaError, MediaLimitError):
                await self._discard(video_id)
                raise
            crash_point("upload-before-ready")
            video = await asyncio.to_thread(self._repository.finish, video_id, digest, media)
            self._audit_log.record(principal, Action.VIDEO_READY, video_id=video_id, sha256=digest)
            return video

    async def _discard(self, video_id: str) -> None:
        await asyncio.to_thread(self._repository.discard, video_id)
        await self._intake.remove(video_id)

    def _lock(self, video_id: str) -> asyncio.Lock:
        return self._locks.setdefault(video_id, asyncio.Lock())  # kept alive by the calls that hold it


def _nothing() -> asyncio.Future[None]:
    done = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done
