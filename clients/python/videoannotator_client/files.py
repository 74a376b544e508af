"""Files that are downloaded: named, opened and verified."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from videoannotator.errors import ArtifactCorruptError, InvalidRequestError
from videoannotator.v1.types_pb2 import Artifact


def safe_name(name: str) -> str:
    """Return ``name`` if it is a bare file name: a server must not choose where on this disk it writes.

    Raises:
        InvalidRequestError: If it is not.
    """
    if name in {"", ".", ".."} or "\\" in name or "\0" in name or PurePosixPath(name).name != name:
        raise InvalidRequestError(f"The server calls an artifact {name!r}, which cannot be the name of a file.")
    return name


def archive_path(path: Path, job_id: str) -> Path:
    """Return where the archive of a job is written: to ``path``, or into it if it is a directory.

    Raises:
        InvalidRequestError: If the id of the job cannot be part of a file name.
    """
    return path / f"job_{safe_name(job_id)}_artifacts.zip" if path.is_dir() else path


def open_to_continue(path: Path) -> BinaryIO:
    """Open a file that may hold the beginning of a download, and make its directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a+b")


def open_anew(path: Path) -> BinaryIO:
    """Open an empty file, and make its directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def end_of(stream: BinaryIO) -> int:
    """Go to the end of a file and return how many bytes it has."""
    return stream.seek(0, os.SEEK_END)


def empty(stream: BinaryIO) -> None:
    """Remove everything from a file."""
    stream.seek(0)
    stream.truncate()


def sha256_of(stream: BinaryIO) -> str:
    """Return the SHA-256 of everything in a file, in hexadecimal."""
    stream.seek(0)
    digest = hashlib.sha256()
    while data := stream.read(2**20):
        digest.update(data)
    return digest.hexdigest()


def is_complete(file: Path, artifact: Artifact) -> bool:
    """Whether a file is there and has exactly the bytes of an artifact."""
    if not file.is_file() or file.stat().st_size != artifact.size_bytes:
        return False
    with file.open("rb") as stream:
        return sha256_of(stream) == artifact.sha256


def check_archive(file: Path) -> None:
    """Read a whole zip.

    Raises:
        ArtifactCorruptError: If a member is damaged, or the file is not a zip archive.
    """
    try:
        with zipfile.ZipFile(file) as opened:
            damaged = opened.testzip()
    except zipfile.BadZipFile as error:
        raise ArtifactCorruptError(f"The archive arrived damaged: {error}") from error
    if damaged is not None:
        raise ArtifactCorruptError(f"{damaged} arrived damaged in the archive.")
