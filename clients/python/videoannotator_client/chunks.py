"""The chunks in which a video is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import google_crc32c

from videoannotator.v1.videos_pb2 import WriteVideoRequest
from videoannotator_client.sources import VideoSource

CHUNK = 2**20
_SMALLEST_CHUNK = 2**16


def chunk_size(idle_attempts: int) -> int:
    """Return the bytes of a chunk: fewer after attempts that moved nothing.

    A chunk counts whole or not at all: on a line that breaks before one has arrived, smaller ones do arrive.
    """
    return min(CHUNK, max(CHUNK >> (idle_attempts - 1), _SMALLEST_CHUNK))


class Chunks(Iterator[WriteVideoRequest]):
    """The chunks of a video from ``offset`` on, ``size`` bytes each; ``report`` gets the offset that was reached.

    gRPC takes them in a thread of its own, where an error would be lost: it ends the chunks and is kept.
    """

    def __init__(
        self, source: VideoSource, video_id: str, offset: int, size: int, report: Callable[[int], None]
    ) -> None:
        self.error: Exception | None = None
        """Why there are no more chunks, if the file is not the reason."""
        self._chunks = _chunks(source, video_id, offset, size, report)

    def __next__(self) -> WriteVideoRequest:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self.error = error
            raise StopIteration from error

    def check(self) -> None:
        """Raise the error that ended the chunks, if there was one."""
        if self.error is not None:
            raise self.error


def _chunks(
    source: VideoSource, video_id: str, offset: int, size: int, report: Callable[[int], None]
) -> Iterator[WriteVideoRequest]:
    report(offset)
    while data := source.read(offset, min(size, source.size - offset)):
        yield WriteVideoRequest(video_id=video_id, offset=offset, data=data, crc32c=google_crc32c.value(data))
        offset += len(data)
        report(offset)
