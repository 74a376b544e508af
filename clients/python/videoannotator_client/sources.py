"""Videos to be sent: files by path, and file objects."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from videoannotator.errors import InvalidRequestError

VideoFile: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or a binary file object that can seek."""


class VideoSource:
    """A video that can be read at any place, again and again, by more than one thread."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self.name = name
        self.size = size
        """Bytes."""
        self._stream = stream
        self._lock = threading.Lock()

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer where the file ends."""
        with self._lock:
            self._stream.seek(offset)
            return self._stream.read(size)


@contextmanager
def open_source(video: VideoFile, filename: str | None = None) -> Iterator[VideoSource]:
    """Yield the source of ``video``, named ``filename`` or as the file is; a file object is left open.

    Raises:
        InvalidRequestError: If it cannot be read, is empty, or is a stream that cannot seek.
    """
    if isinstance(video, str | os.PathLike):
        path = Path(video)
        size = _size(path)
        with path.open("rb") as stream:
            yield VideoSource(stream, filename or path.name, size)
        return
    if not (hasattr(video, "seekable") and video.seekable()) or isinstance(video, io.TextIOBase):
        raise InvalidRequestError(
            "The video is not a binary file that can seek.", field="video", hint="Name a path, or open it with 'rb'."
        )
    size = video.seek(0, os.SEEK_END)
    name = filename or Path(str(getattr(video, "name", ""))).name or "video"
    if size == 0:
        raise InvalidRequestError(f"{name} is empty.", field="video", hint="Name a video file.")
    yield VideoSource(video, name, size)


def _size(path: Path) -> int:
    try:
        size = path.stat().st_size
        is_file = path.is_file()
    except OSError as error:
        raise InvalidRequestError(
            f"{path} cannot be read: {error.strerror}", field="video", hint="Check the path."
        ) from error
    if not is_file or size == 0:
        problem = "is empty" if is_file else "is not a file"
        raise InvalidRequestError(f"{path} {problem}", field="video", hint="Name a video file.")
    return size
