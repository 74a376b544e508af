"""The directory layout. Every name in it is chosen by the server; no text of a user is ever a path."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from videoannotator.errors import ConfigurationError, ServiceUnavailableError, StorageExhaustedError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNUSABLE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE}
MAX_LOG_BYTES = 32 * 2**20
"""Length above which a log is put aside: with the part aside, twice as much is kept of each."""


class Layout:
    """Paths below the storage directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.uploads = self.root / "uploads"
        self.results = self.root / "results"
        self.temp = self.root / "temp"
        self.logs = self.root / "logs"
        self.audit = self.root / "audit"

    def create(self) -> None:
        """Make the directories, readable by this user only.

        Raises:
            ConfigurationError: The storage directory cannot be made or written.
        """
        try:
            for directory in (self.root, self.uploads, self.results, self.temp, self.logs, self.audit):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"Cannot write to the storage directory {self.root}: {error.strerror}") from error

    def tidy(self) -> None:
        """Empty the temporary directory. Call it before workers run."""
        shutil.rmtree(self.temp)
        self.temp.mkdir(mode=0o700)

    def shorten_logs(self, max_bytes: int = MAX_LOG_BYTES) -> None:
        """Put what is in large logs aside, one generation of it. Their writers append, and go on at the beginning."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > max_bytes:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def lock(self) -> IO[str]:
        """Take the storage for this process alone, until the returned file is closed or the process ends.

        Raises:
            ConfigurationError: Another server uses the same storage, or it cannot be written.
        """
        try:
            file = (self.root / ".lock").open("w")
        except OSError as error:
            raise ConfigurationError(f"Cannot write to the storage directory {self.root}: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise ConfigurationError(
                f"Another service is using the storage directory {self.root}.",
                hint="Stop the other service, or give this one a directory of its own with --storage-dir.",
            ) from error
        return file

    def video(self, video_id: str) -> Path:
        """Return the file of a video; each lies alone in its directory, so that no other can be opened through it."""
        return self.uploads / video_id / "data"

    def remove_video(self, video_id: str) -> None:
        """Remove the file of a video, if it is there."""
        directory = self.video(video_id).parent
        if directory.exists():
            shutil.rmtree(directory)

    def attempt(self, job_id: str, attempt: int) -> Path:
        """Return the directory of an attempt's committed results."""
        return self.results / job_id / str(attempt)

    def staging(self, job_id: str, attempt: int) -> Path:
        """Return the directory that an attempt writes into."""
        return self.results / job_id / f".{attempt}.tmp"

    def free_bytes(self) -> int:
        """Return the free space of the storage's disk."""
        return shutil.disk_usage(self.root).free

    def unusable(self) -> list[str]:
        """Write a byte into every directory; return a sentence for each that does not take it."""
        problems = []
        for directory in (self.uploads, self.results, self.temp, self.logs, self.audit):
            try:
                with tempfile.TemporaryFile(dir=directory, buffering=0) as probe:
                    probe.write(b"x")
            except OSError as error:
                problems.append(f"{directory.name}/ cannot be written: {error.strerror}")
        return problems

    def require_room(self, wanted: int, least: int) -> None:
        """Raise StorageExhaustedError unless ``least`` bytes stay free once ``wanted`` more are kept."""
        free = self.free_bytes()
        if free - wanted < least:
            raise StorageExhaustedError(
                f"{free} bytes are free, of which {least} must stay free.",
                {"free_bytes": free, "wanted_bytes": wanted, "min_free_bytes": least},
            )


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what is wrong with the disk into a typed error, after which trying again can help.

    Raises:
        StorageExhaustedError: It is full.
        ServiceUnavailableError: A directory of the storage is gone or cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise StorageExhaustedError("The disk of the service is full.") from error
        if error.errno in _UNUSABLE:
            raise ServiceUnavailableError(
                f"The storage of the service cannot be used: {error.strerror}.",
                hint="Tell the people who run the service; its health says which directory it is.",
            ) from error
        raise
