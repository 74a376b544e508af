"""Fetching results: verified, and resumed where an earlier download broke off."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from videoannotator.errors import ArtifactCorruptError
from videoannotator.v1.artifacts_pb2 import DownloadArchiveRequest, DownloadArtifactRequest, FileChunk
from videoannotator.v1.types_pb2 import Artifact
from videoannotator_client import files
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client._async.runtime import run_blocking
from videoannotator_client.errors import is_unavailable
from videoannotator_client.progress import Progress, ProgressCallback, report_bytes
from videoannotator_client.transfer_retry import TransferRetry


async def download(connection: AsyncConnection, artifact: Artifact, directory: Path, report: ProgressCallback) -> Path:
    """Put ``artifact`` into ``directory`` under its own name and return the path; a file that is right is left alone.

    Raises:
        ArtifactCorruptError: If the bytes do not have the artifact's checksum, twice.
        InvalidRequestError: If the artifact's name cannot be the name of a file.
    """
    target = directory / files.safe_name(artifact.name)
    if await run_blocking(files.is_complete, target, artifact):
        report(Progress(artifact.name, artifact.size_bytes, artifact.size_bytes, "bytes"))
        return target
    partial_file = target.with_name(f".{target.name}.{artifact.sha256[:12]}.partial")
    try:
        with await run_blocking(files.open_to_continue, partial_file) as stream:
            await _fill(connection, stream, artifact, report)
    except ArtifactCorruptError:
        await run_blocking(partial_file.unlink)
        raise
    return await run_blocking(partial_file.replace, target)


async def content(connection: AsyncConnection, artifact: Artifact, report: ProgressCallback) -> bytes:
    """Return the bytes of ``artifact``.

    Raises:
        ArtifactCorruptError: If they do not have the artifact's checksum, twice.
    """
    stream = io.BytesIO()
    await _fill(connection, stream, artifact, report)
    return stream.getvalue()


async def archive(
    connection: AsyncConnection, request: DownloadArchiveRequest, path: Path, report: ProgressCallback
) -> Path:
    """Write a zip of a job's artifacts to ``path``, or under the server's name into it if it is a directory.

    An archive is made while it is sent, so that a broken download starts anew; it is checked before it is kept.

    Raises:
        ArtifactCorruptError: If the archive arrives damaged.
    """
    target = await run_blocking(files.archive_path, path, request.job_id)
    partial_file = target.with_name(f".{target.name}.partial")
    retry = TransferRetry()

    async def attempt() -> None:
        retry.begin()
        answers = connection.stream(connection.stubs.artifacts.DownloadArchive, request)
        with await run_blocking(files.open_anew, partial_file) as stream:
            await _receive(answers, stream, lambda done: report(Progress(target.name, done, done, "bytes")))

    try:
        await connection.retry(retry.policy(is_unavailable), attempt)
        await run_blocking(files.check_archive, partial_file)
        return await run_blocking(partial_file.replace, target)
    finally:
        await run_blocking(partial_file.unlink, missing_ok=True)


async def _fill(connection: AsyncConnection, stream: BinaryIO, artifact: Artifact, report: ProgressCallback) -> None:
    """Complete ``stream``, which may hold the beginning of the artifact."""
    retry = TransferRetry()
    report_received = report_bytes(report, artifact.name, artifact.size_bytes)

    async def attempt() -> None:
        retry.begin()
        offset = files.end_of(stream)
        retry.reach(offset)
        report_received(offset)
        if offset < artifact.size_bytes:
            request = DownloadArtifactRequest(artifact_id=artifact.id, offset=offset)
            answers = connection.stream(connection.stubs.artifacts.DownloadArtifact, request)
            await _receive(answers, stream, report_received)

    for _ in range(2):
        await connection.retry(retry.policy(is_unavailable), attempt)
        if await run_blocking(files.sha256_of, stream) == artifact.sha256:
            return
        files.empty(stream)
    raise ArtifactCorruptError(f"{artifact.name} arrived twice with a wrong checksum.")


async def _receive(
    answers: AsyncGenerator[FileChunk], stream: BinaryIO, report_received: Callable[[int], None]
) -> None:
    """Append what a call brings to ``stream``."""
    async with aclosing(answers):
        async for chunk in answers:
            await run_blocking(stream.write, chunk.data)
            report_received(stream.tell())
