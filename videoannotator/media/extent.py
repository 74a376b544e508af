"""How much of a file ought to be there, by the container's own account.

Reads headers only, by descriptor, and leaves the descriptor's reading position alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from os import pread

from videoannotator.media.signature import AVI, MATROSKA, MP4, WAV, Kind

_MAX_BOXES = 100_000
"""A fragmented recording of a day has fewer; more is an attack on our time."""
_SEGMENT_ID = b"\x18\x53\x80\x67"


@dataclass(frozen=True, slots=True)
class Box:
    """A top-level box of an MP4 file: its type and the bytes it claims."""

    type: bytes
    start: int
    end: int


def boxes(fd: int, size: int) -> Iterator[Box]:
    """Yield the top-level boxes of an MP4 file; the last one may claim bytes beyond the end of the file."""
    start = 0
    while start + 8 <= size:
        header = pread(fd, 16, start)
        length, kind = int.from_bytes(header[:4]), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16])
        elif length == 0:
            length = size - start
        if length < 8:
            return
        yield Box(kind, start, start + length)
        start += length


def is_fragmented(fd: int, size: int) -> bool:
    """Whether an MP4 file carries its index in pieces, so that it can be played up to any cut."""
    return any(box.type == b"moof" for box in islice(boxes(fd, size), _MAX_BOXES))


def mp4_fault(fd: int, size: int) -> str | None:
    """Return in words what is wrong with the index of an MP4 file, as far as its boxes tell; None if it is there."""
    index = next((box for box in islice(boxes(fd, size), _MAX_BOXES) if box.type == b"moov"), None)
    if index is None:
        return "the index (moov atom) is missing: the recording or copy was cut short"
    if index.end > size:
        return f"the index (moov atom) is cut short: {size} of at least {index.end} bytes are there"
    return None


def is_whole(kind: Kind, fd: int, size: int) -> bool:
    """Whether the container says how long it is and all of it is there, so that its header can be believed."""
    if kind is MP4:
        return not is_fragmented(fd, size)
    if kind is MATROSKA:
        return _matroska_end(fd) == size
    if kind in (AVI, WAV):
        return _riff_end(fd, size) <= size
    return kind.arbitrary_clock


def _matroska_end(fd: int) -> int:
    """Return where the segment of a Matroska file ends, or 0 if the file does not say."""
    length, position = _vint(pread(fd, 8, 4), 4)
    segment = position + length
    if pread(fd, 4, segment) != _SEGMENT_ID:
        return 0
    header = pread(fd, 8, segment + 4)
    length, position = _vint(header, segment + 4)
    unknown = bool(header) and length == (1 << 7 * (9 - header[0].bit_length())) - 1
    return 0 if unknown else position + length


def _vint(data: bytes, position: int) -> tuple[int, int]:
    """Return the variable-length integer that ``data`` starts with, and the position after it."""
    if not data or data[0] == 0:
        return 0, position
    width = 9 - data[0].bit_length()
    value = int.from_bytes(data[:width]) & ((1 << 7 * width) - 1)
    return value, position + width


def _riff_end(fd: int, size: int) -> int:
    """Return where the last RIFF chunk of a file ends; large AVI files have several."""
    end = 0
    while end + 8 <= size:
        header = pread(fd, 8, end)
        if header[:4] not in (b"RIFF", b"RF64"):
            break
        length = int.from_bytes(header[4:8], "little")
        if length in (0, 0xFFFFFFFF):
            return size + 1
        end += 8 + length
    return end
