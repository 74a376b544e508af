"""Decoding a video once, from its first frame to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from videoannotator.errors import CorruptMediaError, MissingStreamError
from videoannotator.media.container import MediaFile, decode_video_packet, packet_time
from videoannotator.media.frame import Frame, Image, LostFrame
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import clockwise_turn, probe

FrameFilter = Callable[[int, float], bool]
"""Asked once for every frame of the stream, in order, with its index and its time in seconds."""


class VideoSource(Protocol):
    """Where frames come from."""

    @property
    def info(self) -> MediaInfo:
        """What is known about the video before it is decoded."""

    def frames(self, wanted: FrameFilter) -> Iterator[Frame | LostFrame]:
        """Yield the wanted frames in order, each right after it was asked for; a damaged one comes as LostFrame.

        Raises:
            CorruptMediaError: No frame can be decoded.
        """


class FileVideoSource:
    """Decodes a file sequentially, once; close it, or use it as a context manager.

    A frame's time is its timestamp in the container, never its number divided by a frame rate. Unwanted frames are
    decoded, because others may depend on them, but never converted. ``decoded``, ``converted`` and ``lost`` count
    frames.

    Raises:
        MissingStreamError: The file has no video stream.
    """

    def __init__(self, path: Path, limits: MediaLimits, info: MediaInfo, *, threads: int = 1) -> None:
        self.info = info
        self.decoded = 0
        self.converted = 0
        self.lost = 0
        self._media = MediaFile(path, limits)
        stream = self._media.video_stream
        if stream is None:
            self._media.close()
            raise MissingStreamError("The file has no video stream.")
        self._stream: VideoStream = stream
        self._stream.thread_type = "AUTO"
        self._stream.thread_count = threads
        self._stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
        self._times = _FrameTimes(self._stream, self._media.origin)
        self._reformatter = VideoReformatter()
        self._started = False

    def frames(self, wanted: FrameFilter) -> Iterator[Frame | LostFrame]:
        """Yield the wanted frames; see `VideoSource`. May be called once."""
        if self._started:
            raise RuntimeError("a video source is read once")
        self._started = True
        for packet in self._media.packets(self._stream):
            decoded = None if packet is None else decode_video_packet(self._stream, packet)
            if decoded is None:
                yield from self._lost_frame(wanted, self._times.of_packet(packet))
            for frame in decoded or ():
                time = self._times.of_frame(frame)
                if frame.is_corrupt:
                    yield from self._lost_frame(wanted, time)
                else:
                    yield from self._decoded_frame(wanted, time, frame)
        if self.decoded == 0:
            raise CorruptMediaError("Not one frame can be decoded.")

    def _decoded_frame(self, wanted: FrameFilter, time: float, frame: VideoFrame) -> Iterator[Frame | LostFrame]:
        index = self.decoded + self.lost
        self.decoded += 1
        if not wanted(index, time):
            return
        try:
            image = self._converted(frame)
        except MemoryError:
            raise  # this frame is whole, and so may be those after it
        except (FFmpegError, ValueError):
            # A frame whose pixels have no conversion to RGB is as good as damaged.
            self.decoded -= 1
            self.lost += 1
            yield LostFrame(index, time)
        else:
            self.converted += 1
            yield Frame(index, time, image)

    def _lost_frame(self, wanted: FrameFilter, time: float) -> Iterator[LostFrame]:
        index = self.decoded + self.lost
        self.lost += 1
        if wanted(index, time):
            yield LostFrame(index, time)

    def _converted(self, frame: VideoFrame) -> Image:
        image: Image = (
            self._reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray().astype(np.uint8, copy=False)
        )
        quarter_turns = clockwise_turn(frame) // 90
        return np.ascontiguousarray(np.rot90(image, -quarter_turns)) if quarter_turns else image

    def close(self) -> None:
        """Give the file and the decoder back. May be called twice."""
        self._media.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _FrameTimes:
    """Tells the time of frames in seconds; one without a timestamp follows the one before it."""

    def __init__(self, stream: VideoStream, origin: float) -> None:
        self._tick = float(stream.time_base or 0)
        self._origin = origin
        self._step = float(1 / stream.average_rate) if stream.average_rate else 0.04
        self._next = 0.0

    def of_frame(self, frame: VideoFrame) -> float:
        ticks = frame.pts if frame.pts is not None else frame.dts
        time = self._next if ticks is None else ticks * self._tick - self._origin
        step = frame.duration * self._tick if frame.duration else self._step
        self._next = time + step
        return time

    def of_packet(self, packet: Packet[Any] | None) -> float:
        stamp = None if packet is None else packet_time(packet)
        time = self._next if stamp is None else stamp - self._origin
        self._next = max(self._next, time + self._step)
        return time


def open_video(
    path: Path, limits: MediaLimits | None = None, *, info: MediaInfo | None = None, threads: int = 1
) -> FileVideoSource:
    """Return the video in ``path``, probed first unless ``info`` is what `probe` said about it.

    Raises:
        UnsupportedMediaError: The file is not of a kind that can be read.
        CorruptMediaError: No frame can be decoded.
        MediaLimitError: The file is longer or larger than allowed.
        MissingStreamError: The file has no video stream.
    """
    limits = limits or MediaLimits()
    return FileVideoSource(path, limits, info or probe(path, limits), threads=threads)
