"""Writing files that are really on the disk when the call returns."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from videoannotator.errors import StorageExhaustedError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def text_file(path: Path) -> Iterator[TextIO]:
    """Open ``path`` for writing UTF-8 with Unix line ends; it is flushed to the disk at the end."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield file
        _flush(file)


@contextmanager
def binary_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing bytes; it is flushed to the disk at the end."""
    with path.open("wb") as file:
        yield file
        _flush(file)


def flush_file(path: Path) -> None:
    """Make the bytes of a file that a library wrote durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def flush_directory(path: Path) -> None:
    """Make the names of the files in ``path`` durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def full_disk_as_error(directory: Path) -> Iterator[None]:
    """Turn "no space left on device" into StorageExhaustedError; every other OSError passes."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message = f"Writing the results failed: {error.strerror}."
            raise StorageExhaustedError(message, {"directory": str(directory)}) from error
        raise


def _flush(file: TextIO | BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
