"""What both ways of taking a video in share: limits, the place on the disk, and the look into the file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

from videoannotator.errors import UploadChecksumError, UploadTooLargeError
from videoannotator.media.info import MediaInfo
from videoannotator.service.storage_layout import Layout

Probe = Callable[[Path], Awaitable[MediaInfo]]
"""Finds out what is in a file; raises a typed error when it is not a video that can be used."""


class Intake:
    """The rules that every video must pass, however it arrives."""

    def __init__(self, layout: Layout, probe: Probe, max_bytes: int, min_free_bytes: int) -> None:
        """``max_bytes``: largest video; ``min_free_bytes``: room that must stay free on the disk."""
        self.layout = layout
        self.max_bytes = max_bytes
        self._probe = probe
        self._min_free_bytes = min_free_bytes

    def path(self, video_id: str) -> Path:
        """Return where the file of a video is; its directory holds nothing else."""
        return self.layout.video(video_id)

    def check_size(self, size: int, overhead: int = 0, field: str | None = None) -> None:
        """Refuse what is too large. ``overhead``: bytes of ``size`` that need not be the video's own.

        Raises:
            UploadTooLargeError: The service accepts less.
        """
        if size > self.max_bytes + overhead:
            raise UploadTooLargeError(
                f"{size} bytes are more than the {self.max_bytes} that this service accepts.",
                {"size_bytes": size, "max_upload_bytes": self.max_bytes},
                field=field,
            )

    def require_room(self, size: int = 0) -> None:
        """Check that ``size`` more bytes fit on the disk.

        Raises:
            StorageExhaustedError: They do not.
        """
        self.layout.require_room(size, self._min_free_bytes)

    async def inspect(self, video_id: str, sha256: str, announced_sha256: str | None, hint: str | None) -> MediaInfo:
        """Return what is in a file whose last byte has come, and whose checksum is ``sha256``.

        Raises:
            UploadChecksumError: Another checksum was announced; ``hint`` says what to do.
            UnsupportedMediaError, CorruptMediaError, MediaLimitError: It is not a video that can be used.
        """
        if announced_sha256 is not None and announced_sha256.lower() != sha256:
            raise UploadChecksumError(
                f"The file's SHA-256 is {sha256}; {announced_sha256} was announced.",
                {"sha256": sha256, "announced_sha256": announced_sha256},
                hint=hint,
                field="sha256",
            )
        return await self._probe(self.path(video_id))

    async def remove(self, video_id: str) -> None:
        """Remove the file of a video if it is there."""
        await asyncio.to_thread(self.layout.remove_video, video_id)


def write_all(file: IO[bytes], data: bytes | memoryview) -> None:
    """Write all of ``data`` to a file without a buffer, which may take less at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
