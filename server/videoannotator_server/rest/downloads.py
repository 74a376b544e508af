"""Files for REST clients: whole or in part, with the headers that make a download resumable and cacheable."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from urllib.parse import quote

from google.api import httpbody_pb2

from videoannotator.errors import ArtifactCorruptError, RangeNotSatisfiableError, VideoAnnotatorError
from videoannotator.pipelines.registry import Registry
from videoannotator.rest.v1 import rest_pb2
from videoannotator.service.artifacts.downloads import Downloads
from videoannotator.service.database.tables import ArtifactRow
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.rest import responses

Piece: TypeAlias = httpbody_pb2.HttpBody | bytes
"""A message, or TORN."""
_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class File:
    """Something to download; ``read`` takes an offset and the number of bytes wanted."""

    name: str
    media_type: str
    size: int
    digest: str
    read: Callable[[int, int], Iterator[bytes]]

    @property
    def etag(self) -> str:
        """Quoted, as HTTP wants it."""
        return f'"{self.digest}"'


class DownloadHandlers:
    """The calls that send files."""

    def __init__(self, downloads: Downloads, registry: Registry) -> None:
        self._downloads = downloads
        self._registry = registry

    async def DownloadArtifact(self, request: rest_pb2.DownloadArtifactQuery, context: Context) -> AsyncIterator[Piece]:
        """Send an artifact by its id."""
        found = await asyncio.to_thread(self._downloads.artifact, caller(), request.artifact_id)
        async for piece in _send(self._file(found), context):
            yield piece

    async def DownloadNamedArtifact(
        self, request: rest_pb2.DownloadNamedArtifactRequest, context: Context
    ) -> AsyncIterator[Piece]:
        """Send an artifact by its name."""
        found = await asyncio.to_thread(self._downloads.named, caller(), request.job_id, request.name)
        async for piece in _send(self._file(found), context):
            yield piece

    async def DownloadResult(self, request: rest_pb2.DownloadResultRequest, context: Context) -> AsyncIterator[Piece]:
        """Send the main file of a pipeline."""
        known = request.pipeline in self._registry
        name = self._registry.get(request.pipeline).name if known else request.pipeline
        found = await asyncio.to_thread(self._downloads.main_result, caller(), request.job_id, name)
        async for piece in _send(self._file(found), context):
            yield piece

    async def DownloadArchive(self, request: rest_pb2.DownloadArchiveQuery, context: Context) -> AsyncIterator[Piece]:
        """Send a zip of a job's artifacts and its video."""
        archive = await asyncio.to_thread(
            self._downloads.archive,
            caller(),
            request.job_id,
            include_video=request.video or not request.HasField("video"),
            formats=frozenset(request.formats),
        )
        file = File(archive.name, "application/zip", archive.size_bytes, archive.etag, archive.read)
        async for piece in _send(file, context):
            yield piece

    def _file(self, artifact: ArtifactRow) -> File:
        read = partial(self._downloads.read, caller(), artifact)
        return File(artifact.name, artifact.media_type, artifact.size_bytes, artifact.sha256, read)


async def _send(file: File, context: Context) -> AsyncIterator[Piece]:
    if file.etag in _listed(responses.header(context, "if-none-match")):
        await responses.headers(context, 304, etag=file.etag)
        yield httpbody_pb2.HttpBody(content_type=file.media_type)
        return
    first, last, partial_content = _range(file, context)
    count = last - first + 1
    described = {
        "content_disposition": _disposition(file.name),
        "accept_ranges": "bytes",
        "etag": file.etag,
        "cache_control": "private, no-cache",
        "x_va_content_length": str(count),
    }
    if partial_content:
        described["content_range"] = f"bytes {first}-{last}/{file.size}"
    wanted = count and not responses.is_head(context)
    # Everything that can be wrong with the file is found here, before its headers are out.
    pieces = await asyncio.to_thread(file.read, first, count) if wanted else iter(())
    start = await asyncio.to_thread(next, pieces, b"")
    await responses.headers(context, 206 if partial_content else 200, **described)
    yield httpbody_pb2.HttpBody(content_type=file.media_type, data=start)
    sent = len(start)
    try:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield httpbody_pb2.HttpBody(content_type=file.media_type, data=piece)
            sent += len(piece)
        if wanted and sent != count:
            raise ArtifactCorruptError(f"{file.name} has changed while it was sent: {sent} of {count} bytes are there.")
    except (VideoAnnotatorError, OSError):
        yield responses.TORN
        raise


def _range(file: File, context: Context) -> tuple[int, int, bool]:
    """Return first and last byte wanted, and whether that is a part. Anything but one range is ignored."""
    whole = (0, file.size - 1, False)
    match = _ONE_RANGE.fullmatch((responses.header(context, "range") or "").replace(" ", ""))
    condition = responses.header(context, "if-range")
    if match is None or match.group(1, 2) == ("", "") or condition not in (None, file.etag):
        return whole
    start, end = match.groups()
    first = max(0, file.size - int(end)) if not start else int(start)
    last = file.size - 1 if not start or not end else min(int(end), file.size - 1)
    if start and end and int(end) < first:
        return whole
    if first >= file.size or (not start and int(end) == 0):
        raise RangeNotSatisfiableError(
            f"The file has {file.size} bytes.", {"size_bytes": file.size}, "Ask for bytes that it has.", "Range"
        )
    return first, last, True


def _listed(tags: str | None) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in tags.split(",")} if tags else set()


def _disposition(name: str) -> str:
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
