"""A video without a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from videoannotator.media.frame import Frame, Image, LostFrame
from videoannotator.media.info import MediaInfo
from videoannotator.media.source import FrameFilter
from videoannotator.testing.pictures import numbered


class FakeVideoSource:
    """A VideoSource that makes its pictures when they are wanted.

    ``times`` are in seconds, one per frame; ``image`` makes the picture of an index. The frames in ``lost`` cannot be
    decoded, and ``error`` is raised after the last frame. ``decoded`` and ``converted`` count what was asked for.
    """

    def __init__(
        self,
        times: Sequence[float],
        image: Callable[[int], Image] = numbered,
        *,
        lost: Collection[int] = (),
        error: BaseException | None = None,
        info: MediaInfo | None = None,
    ) -> None:
        self.info = info or _info(times, image)
        self.decoded = 0
        self.converted = 0
        self._times = times
        self._image = image
        self._lost = lost
        self._error = error

    @classmethod
    def steady(cls, count: int, rate: float = 25.0, image: Callable[[int], Image] = numbered) -> FakeVideoSource:
        """Return a source of ``count`` frames, ``rate`` a second."""
        return cls([index / rate for index in range(count)], image)

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> FakeVideoSource:
        """Return a source of frames that exist already; it numbers them anew from 0."""
        return cls([frame.time for frame in frames], lambda index: frames[index].image)

    def frames(self, wanted: FrameFilter) -> Iterator[Frame | LostFrame]:
        """Yield the wanted frames; see `videoannotator.media.source.VideoSource`."""
        for index, time in enumerate(self._times):
            self.decoded += 1
            if not wanted(index, time):
                continue
            if index in self._lost:
                yield LostFrame(index, time)
            else:
                self.converted += 1
                yield Frame(index, time, self._image(index))
        if self._error is not None:
            raise self._error


def _info(times: Sequence[float], image: Callable[[int], Image]) -> MediaInfo:
    count = len(times)
    length = times[-1] - times[0] if count > 1 else 0.0
    rate = (count - 1) / length if length > 0 else None
    height, width = image(0).shape[:2] if count else (None, None)
    return MediaInfo(
        container="fake",
        duration=(times[-1] if times else 0.0) + (1 / rate if rate else 0.0),
        width=width,
        height=height,
        frame_rate=rate,
        frame_count=count,
        video_codec="fake",
    )
