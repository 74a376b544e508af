"""Writing a video: H.264 with the true time of each picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream

from videoannotator.media.frame import Image

_TIME_BASE = Fraction(1, 90_000)
_QUALITY = {"preset": "veryfast", "crf": "20"}
_USUAL_RATE = 25.0


class VideoWriter:
    """A video file that is being written. Frames come in the order of their times; close it when it is complete."""

    def __init__(self, path: Path, form: str, width: int, height: int, rate: float | None, shape: Fraction) -> None:
        """``form``: name of the container; ``shape``: width of a pixel per height; ``rate``: pictures per second."""
        self.container = av.open(str(path), "w", format=form)
        self._stream = self._picture_stream(width + width % 2, height + height % 2, rate or _USUAL_RATE, shape)
        self._reformatter = VideoReformatter()
        self._held: VideoFrame | None = None
        self._step = round(1 / (rate or _USUAL_RATE) / _TIME_BASE)

    def _picture_stream(self, width: int, height: int, rate: float, shape: Fraction) -> VideoStream:
        stream = self.container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001), options=_QUALITY)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = _TIME_BASE
        context.sample_aspect_ratio = shape
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        return stream

    def show(self, image: Image, time: float) -> None:
        """Show ``image`` from ``time`` on, in seconds."""
        stamp = round(time / _TIME_BASE)
        if self._held is not None:
            before = self._held.pts or 0
            stamp = max(stamp, before + 1)
            self._step = stamp - before
            self._write()
        self._held = self._converted(image)
        self._held.pts, self._held.time_base = stamp, _TIME_BASE

    def _converted(self, image: Image) -> VideoFrame:
        height, width = image.shape[:2]
        if height % 2 or width % 2:  # H.264 halves the colours' resolution
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
        frame = VideoFrame.from_ndarray(image, format="rgb24")
        return self._reformatter.reformat(
            frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )

    def _write(self) -> None:
        """Write the picture that was held back until it was known how long it is shown."""
        if self._held is not None:
            self._held.duration = self._step
            self.container.mux(self._stream.encode(self._held))
            self._held = None

    def finish(self) -> None:
        """Write what is still held back."""
        self._write()
        self.container.mux(self._stream.encode(None))

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
