"""Fetching results: verified, and resumed where an earlier download broke off."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from videoannotator.cli.connection import Connection, is_unavailable
from videoannotator.errors import ArtifactCorruptError, InvalidRequestError
from videoannotator.v1.artifacts_pb2 import DownloadArtifactRequest
from videoannotator.v1.types_pb2 import Artifact

Report = Callable[[int], None]
"""Hears how many bytes of the artifact are here."""


def download(connection: Connection, artifact: Artifact, directory: Path, report: Report) -> Path:
    """Put ``artifact`` into ``directory`` under its own name and return the path; a file that is right is left alone.

    Raises:
        ArtifactCorruptError: If the bytes do not have the artifact's checksum, twice.
    """
    target = directory / _safe_name(artifact.name)
    if target.is_file() and target.stat().st_size == artifact.size_bytes and _sha256(target) == artifact.sha256:
        report(artifact.size_bytes)
        return target
    directory.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{artifact.sha256[:12]}.partial")
    for _ in range(2):
        retrying = Retrying(
            retry=retry_if_exception(is_unavailable),
            wait=wait_random_exponential(0.5, max=10),
            stop=stop_after_attempt(6),
            reraise=True,
        )
        retrying(_fetch_rest, connection, artifact, partial, report)
        if _sha256(partial) == artifact.sha256:
            return partial.replace(target)
        partial.unlink()
    raise ArtifactCorruptError(f"{artifact.name} arrived twice with a wrong checksum")


def _fetch_rest(connection: Connection, artifact: Artifact, partial: Path, report: Report) -> None:
    with partial.open("ab") as stream:
        offset = stream.tell()
        report(offset)
        if offset >= artifact.size_bytes:
            return
        request = DownloadArtifactRequest(artifact_id=artifact.id, offset=offset)
        for chunk in connection.artifacts.DownloadArtifact(request):
            stream.write(chunk.data)
            report(stream.tell())


def _safe_name(name: str) -> str:
    """Return ``name`` if it is a bare file name: a server must not choose where on this disk it writes."""
    if name in {"", ".", ".."} or "\\" in name or "\0" in name or PurePosixPath(name).name != name:
        raise InvalidRequestError(f"The server calls an artifact {name!r}, which is no file name")
    return name


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
