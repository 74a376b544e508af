"""Videos that arrive in one piece, of a size that nobody announced: all of it counts, or nothing is kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import IO
from uuid import uuid4

from videoannotator.errors import InvalidRequestError, UploadChecksumError, UploadTooLargeError
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.storage_layout import Layout, disk_errors, sync_directory
from videoannotator.service.videos.repository import NewVideo, VideoRepository
from videoannotator.service.videos.uploads import Probe

_BATCH_BYTES = 4 * 2**20
"""An upload holds at most two batches of this in memory: one on its way to the disk, one that gathers."""
_MAX_NAME = 255


class StreamingUpload:
    """The file of one video while it arrives."""

    def __init__(self, video_id: str, file: IO[bytes], max_bytes: int, require_room: Callable[[], None]) -> None:
        """``require_room``: raises StorageExhaustedError when the disk has become too full to go on."""
        self.video_id = video_id
        self.size = 0
        self.kept = False
        self._file = file
        self._max_bytes = max_bytes
        self._require_room = require_room
        self._hash = hashlib.sha256()
        self._batch: list[bytes | memoryview] = []
        self._gathered = 0
        self._flush: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flush.set_result(None)

    async def write(self, piece: bytes | memoryview) -> None:
        """Take the next bytes.

        Raises:
            UploadTooLargeError, StorageExhaustedError

        """
        self.size += len(piece)
        if self.size > self._max_bytes:
            raise UploadTooLargeError(
                f"the file is larger than the {self._max_bytes} bytes that this service accepts",
                {"max_upload_bytes": self._max_bytes},
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
        self._require_room()
        with disk_errors():
            for piece in batch:
                view = memoryview(piece)
                self._hash.update(view)
                while view:
                    view = view[self._file.write(view) :]

    def _sync(self) -> None:
        with disk_errors():
            os.fsync(self._file.fileno())


class StreamingUploads:
    """Takes videos in that come whole."""

    def __init__(
        self, repository: VideoRepository, layout: Layout, probe: Probe, max_bytes: int, min_free_bytes: int
    ) -> None:
        self._repository = repository
        self._layout = layout
        self._probe = probe
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes

    @asynccontextmanager
    async def open(self, announced_bytes: int = 0) -> AsyncIterator[StreamingUpload]:
        """Yield a new upload. What is not ``accept``-ed when the block ends is gone.

        Args:
            announced_bytes: What is known of its size; refuses at once what would be refused later.

        Raises:
            UploadTooLargeError, StorageExhaustedError

        """
        self._check_size(announced_bytes)
        self._layout.require_room(announced_bytes, self._min_free_bytes)
        path = self._layout.video(uuid4().hex)
        with disk_errors():
            path.parent.mkdir(mode=0o700)
            file = path.open("xb", buffering=0)
        room = partial(self._layout.require_room, 0, self._min_free_bytes)
        upload = StreamingUpload(path.parent.name, file, self._max_bytes, room)
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
            UnsupportedMediaError, CorruptMediaError, MediaLimitError: It is no video that can be used.
            QuotaExceededError: The owner keeps too many bytes.

        """
        if upload.size == 0:
            raise InvalidRequestError("the file is empty", field="video")
        digest = await upload.complete()
        if sha256 is not None and sha256.lower() != digest:
            raise UploadChecksumError(
                f"the file's SHA-256 is {digest}; {sha256} was announced",
                {"sha256": digest, "announced_sha256": sha256},
                field="sha256",
            )
        path = self._layout.video(upload.video_id)
        media = await self._probe(path)
        sync_directory(path.parent)
        sync_directory(self._layout.uploads)
        name = filename.replace("\0", "\ufffd")[:_MAX_NAME]  # a label; PostgreSQL stores no NUL
        new = NewVideo(name, upload.size, digest)
        video = await asyncio.to_thread(self._repository.add, principal, upload.video_id, new, media)
        upload.kept = True
        return video

    async def _close(self, upload: StreamingUpload, file: IO[bytes]) -> None:
        await upload.settle()
        file.close()
        if not upload.kept:
            await asyncio.to_thread(shutil.rmtree, self._layout.video(upload.video_id).parent)

    def _check_size(self, announced: int) -> None:
        # A multipart body is a little longer than the file in it.
        if announced > self._max_bytes + 2**20:
            raise UploadTooLargeError(
                f"{announced} bytes are more than the {self._max_bytes} that this service accepts",
                {"size_bytes": announced, "max_upload_bytes": self._max_bytes},
            )
