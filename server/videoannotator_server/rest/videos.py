"""Uploading videos over REST: whole, or announced first and then sent from any offset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from google.api import httpbody_pb2
from google.protobuf import json_format

from videoannotator.errors import InvalidRequestError
from videoannotator.rest.v1 import rest_pb2
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.videos.streaming_uploads import StreamingUpload, StreamingUploads
from videoannotator.v1 import videos_pb2
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.rest import responses
from videoannotator_server.rest.bodies import announced_length, first_piece, whole_body
from videoannotator_server.servicers.videos import VideoServicer


class VideoHandlers:
    """The calls that take videos."""

    def __init__(self, streaming_uploads: StreamingUploads, native: VideoServicer) -> None:
        self._streaming_uploads = streaming_uploads
        self._native = native

    async def CreateVideo(
        self, requests: AsyncIterator[rest_pb2.CreateVideoUpload], context: Context
    ) -> httpbody_pb2.HttpBody:
        """Announce an upload, or take a whole file."""
        first = await first_piece(requests)
        if first.body.content_type.partition(";")[0].strip().lower() == responses.JSON:
            announcement = _announcement(await whole_body(first.body, requests))
            return await responses.reply(context, await self._native.CreateVideo(announcement, context), 201)
        if not first.filename:
            raise InvalidRequestError("A file needs a name: POST /api/v1/videos?filename=...", field="filename")
        video = await self._whole_file(first, requests, announced_length(context))
        return await responses.reply(context, messages.video(video), 201)

    async def WriteVideo(
        self, requests: AsyncIterator[rest_pb2.WriteVideoUpload], context: Context
    ) -> httpbody_pb2.HttpBody:
        """Receive bytes from an offset on."""
        return await responses.reply(context, await self._native.WriteVideo(_chunks(requests), context))

    async def _whole_file(
        self, first: rest_pb2.CreateVideoUpload, rest: AsyncIterator[rest_pb2.CreateVideoUpload], announced: int
    ) -> VideoRow:
        sha256 = first.sha256 if first.HasField("sha256") else None
        async with AsyncExitStack() as stack:
            upload = await stack.enter_async_context(self._streaming_uploads.open(announced))
            await upload.write(first.body.data)
            async for message in rest:
                await upload.write(message.body.data)
            # A caller that went away ends the stream as if all were said; this await is where its absence shows.
            await asyncio.sleep(0)
            if announced not in (0, upload.size):
                raise InvalidRequestError(f"{upload.size} of {announced} bytes have arrived.", field="body")
            kept = stack.pop_all()
        return await asyncio.shield(self._accept(kept, caller(), upload, first.filename, sha256))

    async def _accept(
        self, stack: AsyncExitStack, principal: Principal, upload: StreamingUpload, filename: str, sha256: str | None
    ) -> VideoRow:
        async with stack:
            return await self._streaming_uploads.accept(principal, upload, filename, sha256)


def _announcement(body: bytes) -> videos_pb2.CreateVideoRequest:
    try:
        return json_format.Parse(body, videos_pb2.CreateVideoRequest())
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"The body does not announce a video: {error}", field="body") from error


async def _chunks(requests: AsyncIterator[rest_pb2.WriteVideoUpload]) -> AsyncIterator[videos_pb2.WriteVideoRequest]:
    """Yield the pieces of a body as chunks; only the first one says where they belong."""
    offset = -1
    video_id = ""
    async for request in requests:
        if offset < 0:
            video_id, offset = request.video_id, request.offset
        yield videos_pb2.WriteVideoRequest(video_id=video_id, offset=offset, data=request.body.data)
        offset += len(request.body.data)
