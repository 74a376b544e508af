"""Fetching results: verified, and resumed where an earlier download broke off."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from videoannotator.errors import ArtifactCorruptError, InvalidRequestError
from videoannotator.v1.artifacts_pb2 import DownloadArchiveRequest, DownloadArtifactRequest, FileChunk
from videoannotator.v1.types_pb2 import Artifact
from videoannotator_client.calls import persistently
from videoannotator_client.effort import Effort
from videoannotator_client.faults import is_unavailable
from videoannotator_client.progress import Progress, Report
from videoannotator_client.steps import Close, Open, Plan, Read, Work


def download(artifact: Artifact, directory: Path, report: Report) -> Plan[Path]:
    """Put ``artifact`` into ``directory`` under its own name and return the path; a file that is right is left alone.

    Raises:
        ArtifactCorruptError: If the bytes do not have the artifact's checksum, twice.
        InvalidRequestError: If the artifact's name is no file name.
    """
    target = directory / safe_name(artifact.name)
    if (yield Work(lambda: _is_right(target, artifact))):
        report(Progress(artifact.name, artifact.size_bytes, artifact.size_bytes, "bytes"))
        return target
    directory.mkdir(parents=True, exist_ok=True)
    partial_file = target.with_name(f".{target.name}.{artifact.sha256[:12]}.partial")
    try:
        with partial_file.open("a+b") as stream:
            yield from _fill(stream, artifact, report)
    except ArtifactCorruptError:
        partial_file.unlink()
        raise
    return partial_file.replace(target)


def content(artifact: Artifact, report: Report) -> Plan[bytes]:
    """Return the bytes of ``artifact``.

    Raises:
        ArtifactCorruptError: If they do not have the artifact's checksum, twice.
    """
    stream = io.BytesIO()
    yield from _fill(stream, artifact, report)
    return stream.getvalue()


def archive(job_id: str, target: Path, *, include_video: bool, formats: Sequence[str], report: Report) -> Plan[Path]:
    """Write a zip of a job's artifacts to ``target``, or under the server's name into it if it is a directory.

    An archive is made while it is sent, so that a broken download starts anew; it is checked before it is kept.

    Raises:
        ArtifactCorruptError: If the archive arrives damaged.
    """
    request = DownloadArchiveRequest(job_id=job_id, include_video=include_video, formats=formats)
    if target.is_dir():
        target = target / f"job_{safe_name(job_id)}_artifacts.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial_file = target.with_name(f".{target.name}.partial")

    effort = Effort()

    def attempt() -> Plan[None]:
        effort.begin()
        with partial_file.open("wb") as stream:
            yield from _receive(
                Open(lambda stubs: stubs.artifacts.DownloadArchive, request),
                stream,
                lambda done: report(Progress(target.name, done, done, "bytes")),
            )

    try:
        yield from persistently(effort.policy(is_unavailable), attempt)
        yield Work(lambda: _check_archive(partial_file))
        return partial_file.replace(target)
    finally:
        partial_file.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """Return ``name`` if it is a bare file name: a server must not choose where on this disk it writes.

    Raises:
        InvalidRequestError: If it is not.
    """
    if name in {"", ".", ".."} or "\\" in name or "\0" in name or PurePosixPath(name).name != name:
        raise InvalidRequestError(f"The server calls an artifact {name!r}, which is no file name")
    return name


def _fill(stream: BinaryIO, artifact: Artifact, report: Report) -> Plan[None]:
    """Complete ``stream``, which may hold the beginning of the artifact."""
    effort = Effort()

    def attempt() -> Plan[None]:
        effort.begin()
        offset = stream.seek(0, os.SEEK_END)
        effort.reach(offset)
        told = partial(_tell, artifact, report)
        told(offset)
        if offset < artifact.size_bytes:
            request = DownloadArtifactRequest(artifact_id=artifact.id, offset=offset)
            yield from _receive(Open(lambda stubs: stubs.artifacts.DownloadArtifact, request), stream, told)

    for _ in range(2):
        yield from persistently(effort.policy(is_unavailable), attempt)
        if (yield Work(lambda: _sha256(stream))) == artifact.sha256:
            return
        stream.seek(0)
        stream.truncate()
    raise ArtifactCorruptError(f"{artifact.name} arrived twice with a wrong checksum")


def _receive(opening: Open, stream: BinaryIO, told: Callable[[int], None]) -> Plan[None]:
    """Append what a call brings to ``stream``."""
    call = yield opening
    try:
        chunk: FileChunk | None = yield Read(call)
        while chunk is not None:
            yield Work(partial(stream.write, chunk.data))
            told(stream.tell())
            chunk = yield Read(call)
    finally:
        yield Close(call)


def _tell(artifact: Artifact, report: Report, done: int) -> None:
    report(Progress(artifact.name, done, artifact.size_bytes, "bytes"))


def _is_right(file: Path, artifact: Artifact) -> bool:
    if not file.is_file() or file.stat().st_size != artifact.size_bytes:
        return False
    with file.open("rb") as stream:
        return _sha256(stream) == artifact.sha256


def _sha256(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while data := stream.read(2**20):
        digest.update(data)
    return digest.hexdigest()


def _check_archive(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as opened:
            damaged = opened.testzip()
    except zipfile.BadZipFile as error:
        raise ArtifactCorruptError(f"The archive arrived damaged: {error}") from error
    if damaged is not None:
        raise ArtifactCorruptError(f"{damaged} arrived damaged in the archive")
