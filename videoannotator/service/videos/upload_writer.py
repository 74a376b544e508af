"""The file of an upload while it arrives: what is gathered, what is on its way to the disk, and what counts."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import google_crc32c

from videoannotator.crash_points import crash_point
from videoannotator.errors import (
    InvalidRequestError,
    UploadChecksumError,
    UploadConflictError,
    UploadOffsetError,
    UploadTooLargeError,
    VideoNotFoundError,
)
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.storage_layout import disk_errors, sync_directory
from videoannotator.service.videos.intake import write_all

_FLUSH_BYTES = 8 * 2**20
"""An upload holds at most two batches of this in memory: one on its way to the disk, one that gathers."""
_READ_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class UploadChunk:
    """A piece of a file as it arrives."""

    video_id: str
    offset: int
    data: bytes
    crc32c: int | None = None


class UploadWriter:
    """Writes one upload. Its file and hash are touched by one thread at a time."""

    def __init__(self, video: VideoRow, path: Path) -> None:
        self.video_id = video.id
        self.size = video.size_bytes
        self.announced_sha256 = video.sha256
        self.committed = video.committed_bytes
        self.path = path
        self.superseded = False
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._in_flight = 0
        self.broken = False
        self._hash = hashlib.sha256()
        self._hashed = 0
        path.parent.mkdir(mode=0o700, exist_ok=True)
        # Bytes past the committed ones were never promised, and may be torn.
        with path.open("ab") as file:
            file.truncate(self.committed)
        sync_directory(path.parent)

    @property
    def end(self) -> int:
        """Where the next chunk starts."""
        return self.committed + self._in_flight + self._buffered

    @property
    def wants_flush(self) -> bool:
        """Whether enough bytes have gathered to be worth a trip to the disk."""
        return self._buffered >= _FLUSH_BYTES

    def take(self, chunk: UploadChunk) -> None:
        """Check a chunk and keep it for the next flush."""
        if self.superseded:
            raise UploadConflictError(f"Another call continues the upload of video {self.video_id}.")
        if chunk.video_id not in ("", self.video_id):
            raise InvalidRequestError("All chunks of a call belong to one video.", field="video_id")
        if chunk.offset != self.end:
            raise UploadOffsetError(
                f"The chunk starts at {chunk.offset}; the next byte expected is {self.end}.",
                {"video_id": self.video_id, "committed_bytes": self.end, "offset": chunk.offset},
                field="offset",
            )
        if chunk.offset + len(chunk.data) > self.size:
            raise UploadTooLargeError(
                f"The chunk ends at {chunk.offset + len(chunk.data)}; {self.size} bytes were announced.",
                {"video_id": self.video_id, "size_bytes": self.size, "committed_bytes": self.end},
                field="data",
            )
        if chunk.crc32c is not None and google_crc32c.value(chunk.data) != chunk.crc32c:
            raise UploadChecksumError(
                f"The CRC-32C of the chunk at {chunk.offset} differs.",
                {"video_id": self.video_id, "committed_bytes": self.end},
                field="crc32c",
            )
        self._buffer.append(chunk.data)
        self._buffered += len(chunk.data)

    def gathered(self) -> list[bytes]:
        """Return the gathered bytes for ``write``, and start to gather anew."""
        pieces, self._buffer = self._buffer, []
        self._in_flight, self._buffered = self._buffered, 0
        return pieces

    def write(self, pieces: list[bytes]) -> None:
        """Bring bytes to the disk behind the committed ones. Runs in a thread, while more bytes are gathered."""
        if not self.path.exists():
            raise VideoNotFoundError(f"Video {self.video_id} was deleted.", {"video_id": self.video_id})
        with disk_errors(), self.path.open("r+b", buffering=0) as file:
            file.seek(self.committed)
            for piece in pieces:
                write_all(file, piece)
            crash_point("upload-before-sync")
            os.fsync(file.fileno())
        crash_point("upload-after-sync")
        if self._hashed == self.committed:
            for piece in pieces:
                self._hash.update(piece)
                self._hashed += len(piece)

    def commit(self) -> None:
        """Count what was written."""
        self.committed += self._in_flight
        self._in_flight = 0

    def digest(self) -> str:
        """Return the SHA-256 of the whole file; reads it again only if parts arrived in an earlier call."""
        if self._hashed != self.size:
            self._hash, self._hashed = hashlib.sha256(), self.size
            with self.path.open("rb", buffering=0) as file:
                while data := file.read(_READ_BYTES):
                    self._hash.update(data)
        return self._hash.hexdigest()
