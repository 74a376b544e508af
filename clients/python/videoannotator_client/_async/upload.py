"""Sending a video so that any break is only a pause: in this run, and in the next one that sends the same file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from videoannotator.errors import InvalidRequestError, VideoAnnotatorError
from videoannotator.v1.types_pb2 import Video, VideoState
from videoannotator.v1.videos_pb2 import CreateVideoRequest, GetVideoRequest
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client._async.runtime import run_blocking
from videoannotator_client.chunks import Chunks, chunk_size
from videoannotator_client.progress import ProgressCallback, report_bytes
from videoannotator_client.sources import VideoSource
from videoannotator_client.transfer_retry import TransferRetry

_BLOCK = 4 * 2**20
"""Bytes that are hashed at once."""
_PASSING = {
    "UNAVAILABLE",  # server restarting, connection lost
    "ABORTED",  # the server still waits for the call whose connection broke
    "OUT_OF_RANGE",  # client and server disagree about the bytes that count; the next attempt asks
}


async def upload(connection: AsyncConnection, source: VideoSource, report: ProgressCallback) -> Video:
    """Upload a video and return it READY; at once when the server has it already.

    Raises:
        InvalidRequestError: If the file changes while it is sent.
        VideoAnnotatorError: What the server said, or that nothing arrives any more.
    """
    sha256 = await _sha256(source, report_bytes(report, f"checking {source.name}", source.size))
    request = CreateVideoRequest(
        filename=source.name,
        size_bytes=source.size,
        sha256=sha256,
        request_id=_request_id(source, sha256),
    )
    retry = TransferRetry()
    report_sent = report_bytes(report, f"uploading {source.name}", source.size)

    async def attempt() -> Video:
        retry.begin()
        video = await _announce(connection, request)
        if video.state == VideoState.VIDEO_STATE_READY:
            return video
        retry.reach(video.committed_bytes)
        size = chunk_size(retry.idle_attempts)
        return await _send(connection, Chunks(source, video.id, video.committed_bytes, size, report_sent))

    video = await connection.retry(retry.policy(_is_passing), attempt)
    if video.state != VideoState.VIDEO_STATE_READY:
        raise InvalidRequestError(f"{source.name} became shorter while it was sent.", field="video")
    return video


async def _announce(connection: AsyncConnection, request: CreateVideoRequest) -> Video:
    """Return the video as it is on the server, with the bytes that are there already."""
    video = await connection.ask(connection.stubs.videos.CreateVideo, request)
    if video.state == VideoState.VIDEO_STATE_READY:
        return video
    return await connection.ask(connection.stubs.videos.GetVideo, GetVideoRequest(video_id=video.id))


async def _send(connection: AsyncConnection, chunks: Chunks) -> Video:
    try:
        return await connection.send(connection.stubs.videos.WriteVideo, chunks)
    finally:
        chunks.check()


async def _sha256(source: VideoSource, report_hashed: Callable[[int], None]) -> str:
    digest, done = hashlib.sha256(), 0
    while data := await run_blocking(source.read, done, _BLOCK):
        await run_blocking(digest.update, data)
        done += len(data)
        report_hashed(done)
    return digest.hexdigest()


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, VideoAnnotatorError) and error.grpc_status in _PASSING


def _request_id(source: VideoSource, sha256: str) -> str:
    """Name the upload by what is uploaded, so that the same file after a break means the same upload."""
    return "client-" + hashlib.sha256(f"{sha256}:{source.size}:{source.name}".encode()).hexdigest()[:40]
