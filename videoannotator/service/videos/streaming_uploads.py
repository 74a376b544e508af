"""Videos that arrive in one piece, of a size that was not announced: all of it counts, or nothing is kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO
from uuid import uuid4

from videoannotator.errors import InvalidRequestError, UploadTooLargeError
from videoannotator.service.auth.access import Principal
from videoannotator.service.auth.audit_log import Action, AuditLog
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.storage_layout import disk_errors, sync_directory
from videoannotator.service.videos.intake import Intake, write_all
from videoannotator.service.videos.repository import NewVideo, VideoRepository

_BATCH_BYTES = 4 * 2**20
"""An upload holds at most two batches of this in memory: one on its way to the disk, one that gathers."""
_BODY_OVERHEAD = 2**20
"""A multipart body is a little longer than the file in it."""
_MAX_NAME = 255


class StreamingUpload:
    """The file of one video while it arrives."""

    def __init__(self, video_id: str, file: IO[bytes], intake: Intake) -> None:
        self.video_id = video_id
        self.size = 0
        self.kept = False
        self._file = file
        self._intake = intake
        self._hash = hashlib.sha256()
        self._batch: list[bytes | memoryview] = []
        self._gathered = 0
        self._flush: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flush.set_result(None)

    async def write(self, piece: bytes | memoryview) -> None:
        """Take the next bytes.

        Raises:
            UploadTooLargeError: There are more bytes than the service accepts.
            StorageExhaustedError: They do not fit on the disk.
        """
        self.size += len(piece)
        if self.size > self._intake.max_bytes:
            raise UploadTooLargeError(
                f"The file is larger than the {self._intake.max_bytes} bytes that this service accepts.",
                {"max_upload_bytes": self._intake.max_bytes},
            )
        self._batch.append(piece)
        self._gathered += len(piece)
        if self._gathered >= _BATCH_BYTES:
            await self._send_batch()

    async def complete(self) -> str:
        """Bring the last bytes to the disk for good; return the SHA-256 of the file."""
        await self._send_batch()
        await asyncio.shield(self._flush)
        await asyncio.to_thread(self._sync)
        return self._hash.hexdigest()

    async def settle(self) -> None:
        """Wait until nothing is written any more."""
        await asyncio.gather(self._flush, return_exceptions=True)

    async def _send_batch(self) -> None:
        await asyncio.shield(self._flush)
        batch, self._batch, self._gathered = self._batch, [], 0
        self._flush = asyncio.ensure_future(asyncio.to_thread(self._write, batch))

    def _write(self, batch: list[bytes | memoryview]) -> None:
        self._intake.require_room()
        with disk_errors():
            for piece in batch:
                self._hash.update(piece)
                write_all(self._file, piece)

    def _sync(self) -> None:
        with disk_errors():
            os.fsync(self._file.fileno())


class StreamingUploads:
    """Takes videos in that come whole."""

    def __init__(self, repository: VideoRepository, intake: Intake, audit_log: AuditLog) -> None:
        self._repository = repository
        self._audit_log = audit_log
        self._intake = intake

    @asynccontextmanager
    async def open(self, announced_bytes: int = 0) -> AsyncIterator[StreamingUpload]:
        """Yield a new upload. What is not ``accept``-ed when the block ends is gone.

        Args:
            announced_bytes: What is known of its size; refuses at once what would be refused later.

        Raises:
            UploadTooLargeError: There are more bytes than the service accepts.
            StorageExhaustedError: They do not fit on the disk.
        """
        self._intake.check_size(announced_bytes, _BODY_OVERHEAD)
        self._intake.require_room(announced_bytes)
        path = self._intake.path(uuid4().hex)
        with disk_errors():
            path.parent.mkdir(mode=0o700)
            file = path.open("xb", buffering=0)
        upload = StreamingUpload(path.parent.name, file, self._intake)
        try:
            yield upload
        finally:
            await asyncio.shield(self._close(upload, file))

    async def accept(
        self, principal: Principal, upload: StreamingUpload, filename: str, sha256: str | None = None
    ) -> VideoRow:
        """Make a video of an upload whose last byte has come.

        Raises:
            UploadChecksumError: It does not have the SHA-256 that was announced.
            UnsupportedMediaError, CorruptMediaError, MediaLimitError: It is not a video that can be used.
            QuotaExceededError: The owner keeps too many bytes.
        """
        if upload.size == 0:
            raise InvalidRequestError("The file is empty.", field="video")
        digest = await upload.complete()
        media = await self._intake.inspect(upload.video_id, digest, sha256, None)
        sync_directory(self._intake.path(upload.video_id).parent)
        sync_directory(self._intake.layout.uploads)
        name = filename.replace("\0", "\ufffd")[:_MAX_NAME]  # a label; PostgreSQL stores no NUL
        new = NewVideo(name, upload.size, digest)
        video = await asyncio.to_thread(self._repository.add, principal, upload.video_id, new, media)
        self._audit_log.record(principal, Action.VIDEO_READY, video_id=video.id, sha256=digest)
        upload.kept = True
        return video

    async def _close(self, upload: StreamingUpload, file: IO[bytes]) -> None:
        await upload.settle()
        file.close()
        if not upload.kept:
            await self._intake.remove(upload.video_id)
