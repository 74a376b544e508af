"""Many files as one zip, made while it is read, of a size that is known before."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

from videoannotator.errors import RangeNotSatisfiableError

_CHUNK_BYTES = 2**20
_LOCAL_HEADER = 30
_DATA_DESCRIPTOR = 16
_CENTRAL_HEADER = 46
_END_RECORD = 22
# What large files and archives add, beyond zipfile.ZIP64_LIMIT.
_LOCAL_EXTRA = 20
_LONGER_DESCRIPTOR = 8
_LARGE_END_RECORDS = 56 + 20


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file to put into an archive under a name."""

    name: str
    path: Path


class Archive:
    """A zip of ``members``, stored without compression: the same members give the same bytes."""

    def __init__(self, name: str, members: Sequence[ArchiveMember]) -> None:
        """Look at the members; FileNotFoundError if one is missing."""
        self.name = name
        self._members = [(member.path, zipfile.ZipInfo.from_file(member.path, member.name)) for member in members]

    @property
    def size_bytes(self) -> int:
        """Length of the whole zip."""
        limit = zipfile.ZIP64_LIMIT
        position = directory = 0
        for _, info in self._members:
            name = len(info.filename.encode())
            wide = [info.file_size, info.file_size] if info.file_size > limit else []
            wide += [position] if position > limit else []
            directory += _CENTRAL_HEADER + name + (4 + 8 * len(wide) if wide else 0)
            position += _LOCAL_HEADER + name + info.file_size + _DATA_DESCRIPTOR
            if info.file_size * 1.05 > limit:
                position += _LOCAL_EXTRA + _LONGER_DESCRIPTOR
        large = len(self._members) > zipfile.ZIP_FILECOUNT_LIMIT or position > limit or directory > limit
        return position + directory + _END_RECORD + (_LARGE_END_RECORDS if large else 0)

    @property
    def etag(self) -> str:
        """Changes when a member changes: by its name, its size or its time."""
        facts = repr([(info.filename, info.file_size, info.date_time) for _, info in self._members])
        return hashlib.sha256(facts.encode()).hexdigest()

    def read(self, offset: int = 0, limit: int = 0) -> Iterator[bytes]:
        """Yield the bytes from ``offset``, at most ``limit`` of them unless it is 0.

        Raises:
            RangeNotSatisfiableError: The offset lies beyond the end.
        """
        size = self.size_bytes
        if not 0 <= offset <= size:
            raise RangeNotSatisfiableError(
                f"Offset {offset} is outside of the archive's {size} bytes.", {"size_bytes": size}, field="offset"
            )
        return _part(self._all(), offset, min(limit or size, size - offset))

    def _all(self) -> Iterator[bytes]:
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
            for path, info in self._members:
                # A copy: writing changes it, and a reader may stop half-way.
                with path.open("rb") as source, archive.open(copy(info), "w") as target:
                    while data := source.read(_CHUNK_BYTES):
                        target.write(data)
                        yield sink.take()
        yield sink.take()


def _part(pieces: Iterator[bytes], skip: int, count: int) -> Iterator[bytes]:
    for piece in pieces:
        wanted = piece[skip : skip + count]
        skip = max(0, skip - len(piece))
        count -= len(wanted)
        if wanted:
            yield wanted
        if count <= 0:
            return


class _Sink(RawIOBase):
    """A file that cannot seek and forgets what was taken from it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._data += piece
        return len(piece)

    def take(self) -> bytes:
        taken, self._data = bytes(self._data), bytearray()
        return taken
