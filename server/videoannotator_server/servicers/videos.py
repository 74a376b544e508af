"""VideoService."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from google.protobuf import empty_pb2

from videoannotator.errors import InvalidRequestError, Violation
from videoannotator.service.videos.repository import NewVideo, VideoRepository
from videoannotator.service.videos.upload_writer import UploadChunk
from videoannotator.service.videos.uploads import Uploads
from videoannotator.v1 import types_pb2, videos_pb2, videos_pb2_grpc
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.paging import decode_token, encode_token, page_size

MAX_CHUNK_BYTES = 4 * 2**20
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class VideoServicer(videos_pb2_grpc.VideoServiceServicer):
    """Takes videos in and keeps them."""

    def __init__(self, repository: VideoRepository, uploads: Uploads) -> None:
        self._repository = repository
        self._uploads = uploads

    async def CreateVideo(self, request: videos_pb2.CreateVideoRequest, context: Context) -> types_pb2.Video:
        """Announce an upload."""
        return messages.video(await self._uploads.create(caller(), _new_video(request)))

    async def WriteVideo(
        self, request_iterator: AsyncIterator[videos_pb2.WriteVideoRequest], context: Context
    ) -> types_pb2.Video:
        """Receive bytes."""
        return messages.video(await self._uploads.receive(caller(), _chunks(request_iterator)))

    async def GetVideo(self, request: videos_pb2.GetVideoRequest, context: Context) -> types_pb2.Video:
        """Return one video."""
        return messages.video(await asyncio.to_thread(self._repository.get, caller(), request.video_id))

    async def ListVideos(
        self, request: videos_pb2.ListVideosRequest, context: Context
    ) -> videos_pb2.ListVideosResponse:
        """Return a page of videos."""
        size, after = page_size(request.page_size), decode_token(request.page_token)
        page = await asyncio.to_thread(self._repository.list, caller(), size, after)
        return videos_pb2.ListVideosResponse(
            videos=[messages.video(row) for row in page.videos],
            next_page_token=encode_token(page.last_key),
            total=page.total,
        )

    async def DeleteVideo(self, request: videos_pb2.DeleteVideoRequest, context: Context) -> empty_pb2.Empty:
        """Remove a video."""
        await self._uploads.remove(caller(), request.video_id)
        return empty_pb2.Empty()


def _new_video(request: videos_pb2.CreateVideoRequest) -> NewVideo:
    violations = []
    if not 1 <= len(request.filename) <= 255:
        violations.append(Violation("filename", "INVALID_VALUE", "filename must have 1 to 255 characters."))
    if request.size_bytes < 1:
        violations.append(
            Violation("size_bytes", "VALUE_OUT_OF_RANGE", "The file is empty: size_bytes must be at least 1.")
        )
    if request.HasField("sha256") and not _SHA256.fullmatch(request.sha256):
        violations.append(Violation("sha256", "INVALID_VALUE", "sha256 must be 64 hexadecimal digits."))
    if request.HasField("request_id") and not 1 <= len(request.request_id) <= 128:
        violations.append(Violation("request_id", "INVALID_VALUE", "request_id must have 1 to 128 characters."))
    if violations:
        raise InvalidRequestError(violations[0].message, violations=violations)
    return NewVideo(
        filename=request.filename.replace("\0", "\ufffd"),  # PostgreSQL stores no NUL
        size_bytes=request.size_bytes,
        sha256=request.sha256.lower() if request.HasField("sha256") else None,
        request_id=request.request_id if request.HasField("request_id") else None,
    )


async def _chunks(requests: AsyncIterator[videos_pb2.WriteVideoRequest]) -> AsyncIterator[UploadChunk]:
    async for request in requests:
        if len(request.data) > MAX_CHUNK_BYTES:
            raise InvalidRequestError(f"A chunk may have {MAX_CHUNK_BYTES} bytes at the most.", field="data")
        crc32c = request.crc32c if request.HasField("crc32c") else None
        yield UploadChunk(request.video_id, request.offset, request.data, crc32c)
