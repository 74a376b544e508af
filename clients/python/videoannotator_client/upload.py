"""Sending a video so that any break is only a pause: in this run, and in the next one that sends the same file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

import google_crc32c

from videoannotator.errors import InvalidRequestError, VideoAnnotatorError
from videoannotator.v1.types_pb2 import Video, VideoState
from videoannotator.v1.videos_pb2 import CreateVideoRequest, GetVideoRequest, WriteVideoRequest
from videoannotator_client.calls import ask, persistently
from videoannotator_client.effort import Effort
from videoannotator_client.progress import Progress, Report
from videoannotator_client.sources import Source
from videoannotator_client.steps import Plan, Send, Work

CHUNK = 2**20
_SMALLEST_CHUNK = 2**16
_PASSING = {
    "UNAVAILABLE",  # server restarting, connection lost
    "ABORTED",  # the server still waits for the call whose connection broke
    "OUT_OF_RANGE",  # we and the server disagree about the bytes that count; the next attempt asks
}


def upload(source: Source, report: Report) -> Plan[Video]:
    """Upload a video and return it READY; at once when the server has it already.

    Raises:
        InvalidRequestError: If the file changes while it is sent.
        VideoAnnotatorError: What the server said, or that nothing arrives any more.
    """
    return _Upload(source, report).run()


class _Upload:
    def __init__(self, source: Source, report: Report) -> None:
        self._source = source
        self._report = report
        self._effort = Effort()

    def run(self) -> Plan[Video]:
        sha256 = yield from self._sha256()
        request = CreateVideoRequest(
            filename=self._source.name,
            size_bytes=self._source.size,
            sha256=sha256,
            request_id=_request_id(self._source, sha256),
        )
        return (yield from persistently(self._effort.policy(_is_passing), lambda: self._attempt(request)))

    def _attempt(self, request: CreateVideoRequest) -> Plan[Video]:
        """Ask where to go on, and send the rest."""
        self._effort.begin()
        video = yield from ask(lambda stubs: stubs.videos.CreateVideo, request)
        if video.state != VideoState.VIDEO_STATE_READY:
            video = yield from ask(lambda stubs: stubs.videos.GetVideo, GetVideoRequest(video_id=video.id))
        if video.state == VideoState.VIDEO_STATE_READY:
            return video
        self._effort.reach(video.committed_bytes)
        chunks = _Chunks(self._chunks(video.id, video.committed_bytes))
        try:
            written: Video = yield Send(lambda stubs: stubs.videos.WriteVideo, chunks)
        finally:
            if chunks.error is not None:
                raise chunks.error
        if written.state != VideoState.VIDEO_STATE_READY:
            raise InvalidRequestError(f"{self._source.name} became shorter while it was sent", field="video")
        return written

    def _chunks(self, video_id: str, offset: int) -> Iterator[WriteVideoRequest]:
        size = self._source.size
        # A chunk counts whole or not at all: on a line that breaks before one is through, smaller ones are.
        chunk = min(CHUNK, max(CHUNK >> (self._effort.idle - 1), _SMALLEST_CHUNK))
        self._tell("uploading", offset)
        while data := self._source.read(offset, min(chunk, size - offset)):
            yield WriteVideoRequest(video_id=video_id, offset=offset, data=data, crc32c=google_crc32c.value(data))
            offset += len(data)
            self._tell("uploading", offset)

    def _sha256(self) -> Plan[str]:
        blocks = self._source.sha256(partial(self._tell, "checking"))
        while True:
            digest: str | None = yield Work(partial(next, blocks))
            if digest is not None:
                return digest

    def _tell(self, what: str, done: int) -> None:
        self._report(Progress(f"{what} {self._source.name}", done, self._source.size, "bytes"))


class _Chunks(Iterator[WriteVideoRequest]):
    """Chunks as gRPC takes them, in a thread of its own; an error there ends them and is kept for the upload."""

    def __init__(self, chunks: Iterator[WriteVideoRequest]) -> None:
        self._chunks = chunks
        self.error: Exception | None = None

    def __next__(self) -> WriteVideoRequest:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self.error = error
            raise StopIteration from error


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, VideoAnnotatorError) and error.grpc_status in _PASSING


def _request_id(source: Source, sha256: str) -> str:
    """Name the upload by what is uploaded, so that the same file after a break means the same upload."""
    return "client-" + hashlib.sha256(f"{sha256}:{source.size}:{source.name}".encode()).hexdigest()[:40]
