"""ArtifactService."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from videoannotator.errors import InvalidRequestError
from videoannotator.service.artifacts.downloads import Downloads
from videoannotator.v1 import artifacts_pb2, artifacts_pb2_grpc
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller


class ArtifactServicer(artifacts_pb2_grpc.ArtifactServiceServicer):
    """Hands out the files that jobs left."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads

    async def ListArtifacts(
        self, request: artifacts_pb2.ListArtifactsRequest, context: Context
    ) -> artifacts_pb2.ListArtifactsResponse:
        """Return the artifacts of a job."""
        rows = await asyncio.to_thread(self._downloads.artifacts, caller(), request.job_id)
        return artifacts_pb2.ListArtifactsResponse(artifacts=[messages.artifact(row) for row in rows])

    async def DownloadArtifact(
        self, request: artifacts_pb2.DownloadArtifactRequest, context: Context
    ) -> AsyncIterator[artifacts_pb2.FileChunk]:
        """Stream one artifact."""
        if request.limit < 0:
            raise InvalidRequestError("limit must not be negative.", field="limit")
        artifact = await asyncio.to_thread(self._downloads.artifact, caller(), request.artifact_id)
        data = await asyncio.to_thread(self._downloads.read, caller(), artifact, request.offset, request.limit)
        header = artifacts_pb2.FileHeader(
            name=artifact.name,
            media_type=artifact.media_type,
            size_bytes=artifact.size_bytes,
            sha256=artifact.sha256,
            provenance=messages.struct(artifact.provenance),
        )
        async for chunk in _stream(header, data, request.offset):
            yield chunk

    async def DownloadArchive(
        self, request: artifacts_pb2.DownloadArchiveRequest, context: Context
    ) -> AsyncIterator[artifacts_pb2.FileChunk]:
        """Stream a zip of a job's artifacts."""
        archive = await asyncio.to_thread(
            self._downloads.archive,
            caller(),
            request.job_id,
            include_video=request.include_video,
            formats=frozenset(request.formats),
        )
        header = artifacts_pb2.FileHeader(name=archive.name, media_type="application/zip")
        async for chunk in _stream(header, archive.read()):
            yield chunk


async def _stream(
    header: artifacts_pb2.FileHeader, data: Iterator[bytes], offset: int = 0
) -> AsyncIterator[artifacts_pb2.FileChunk]:
    # The header travels with the first bytes, and alone when there are none.
    first: dict[str, Any] = {"header": header}
    while (piece := await asyncio.to_thread(next, data, None)) is not None:
        yield artifacts_pb2.FileChunk(offset=offset, data=piece, **first)
        offset += len(piece)
        first = {}
    if first:
        yield artifacts_pb2.FileChunk(offset=offset, **first)
