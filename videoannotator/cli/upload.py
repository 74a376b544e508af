"""Sending a video so that any break is only a pause: in this run, and in the next one of the same command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import google_crc32c
import grpc
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from videoannotator.cli.connection import Connection, is_unavailable
from videoannotator.errors import InvalidRequestError
from videoannotator.v1.types_pb2 import Video, VideoState
from videoannotator.v1.videos_pb2 import CreateVideoRequest, GetVideoRequest, WriteVideoRequest

CHUNK = 2**20
MAX_IDLE_ATTEMPTS = 6
"""Attempts in a row without a single byte arriving before the upload is given up."""

Report = Callable[[str, int, int], None]
"""Hears ``stage, bytes done, bytes in all``; stages are ``checking`` and ``uploading``."""

_PASSING = {
    grpc.StatusCode.UNAVAILABLE,  # server restarting, connection lost
    grpc.StatusCode.ABORTED,  # the server still waits for the call whose connection broke
    grpc.StatusCode.OUT_OF_RANGE,  # we and the server disagree about the bytes that count; the next attempt asks
}


def upload(connection: Connection, file: Path, report: Report) -> Video:
    """Upload ``file`` and return its READY video; at once when the server has it already from an earlier run."""
    return _Upload(connection, file, report).run()


class _Upload:
    def __init__(self, connection: Connection, file: Path, report: Report) -> None:
        self._videos = connection.videos
        self._file = file
        self._report = report
        self._committed = 0
        self._idle_attempts = 0

    def run(self) -> Video:
        size = _size(self._file)
        sha256 = _sha256(self._file, size, self._report)
        request = CreateVideoRequest(
            filename=self._file.name, size_bytes=size, sha256=sha256, request_id=_request_id(self._file, size, sha256)
        )
        retrying = Retrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(0.5, max=10),
            stop=self._is_stuck,
            reraise=True,
        )
        return retrying(self._attempt, request)

    def _attempt(self, request: CreateVideoRequest) -> Video:
        """Ask where to go on, and send the rest."""
        self._idle_attempts += 1
        video = self._videos.CreateVideo(request)
        if video.state != VideoState.VIDEO_STATE_READY:
            video = self._videos.GetVideo(GetVideoRequest(video_id=video.id))
        if video.state == VideoState.VIDEO_STATE_READY:
            return video
        if video.committed_bytes > self._committed:
            self._committed, self._idle_attempts = video.committed_bytes, 1
        return self._videos.WriteVideo(self._chunks(video.id, video.committed_bytes, request.size_bytes))

    def _chunks(self, video_id: str, offset: int, size: int) -> Iterator[WriteVideoRequest]:
        self._report("uploading", offset, size)
        with self._file.open("rb") as stream:
            stream.seek(offset)
            while data := stream.read(min(CHUNK, size - offset)):
                yield WriteVideoRequest(video_id=video_id, offset=offset, data=data, crc32c=google_crc32c.value(data))
                offset += len(data)
                self._report("uploading", offset, size)

    def _is_stuck(self, _: RetryCallState) -> bool:
        return self._idle_attempts >= MAX_IDLE_ATTEMPTS


def is_passing(error: BaseException) -> bool:
    """Whether trying again can help."""
    return is_unavailable(error) or (isinstance(error, grpc.RpcError) and error.code() in _PASSING)


def _size(file: Path) -> int:
    try:
        size = file.stat().st_size
        is_file = file.is_file()
    except OSError as error:
        raise InvalidRequestError(
            f"{file} cannot be read: {error.strerror}", field="VIDEO", hint="Check the path."
        ) from error
    if not is_file or size == 0:
        problem = "is empty" if is_file else "is not a file"
        raise InvalidRequestError(f"{file} {problem}", field="VIDEO", hint="Name a video file.")
    return size


def _sha256(file: Path, size: int, report: Report) -> str:
    digest = hashlib.sha256()
    done = 0
    with file.open("rb") as stream:
        while data := stream.read(4 * CHUNK):
            digest.update(data)
            done += len(data)
            report("checking", done, size)
    return digest.hexdigest()


def _request_id(file: Path, size: int, sha256: str) -> str:
    """Name the upload by what is uploaded, so that the same command after a break means the same upload."""
    return "cli-" + hashlib.sha256(f"{sha256}:{size}:{file.name}".encode()).hexdigest()[:40]
