"""Opening an untrusted file: by its bytes and not by its name, with one demuxer, and nothing but that file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.errors import (
    CorruptMediaError,
    InvalidRequestError,
    MediaLimitError,
    MissingStreamError,
    UnsupportedMediaError,
    VideoAnnotatorError,
)
from videoannotator.media.extent import mp4_fault
from videoannotator.media.limits import MediaLimits
from videoannotator.media.signature import HEAD_SIZE, MP4, identify

MAX_DAMAGED_READS = 100
"""Failed reads in a row after which the rest of a file is given up."""


class MediaFile:
    """An open media file. Close it, or use it as a context manager.

    The file is opened once, never through a symbolic link, and handed to FFmpeg as a descriptor; the demuxer is chosen
    by the file's first bytes and may open nothing else, neither by name nor over a network.

    Raises:
        InvalidRequestError: The file cannot be read at all.
        UnsupportedMediaError: The file is not of a kind that can be read.
        CorruptMediaError: The file is damaged.
        MediaLimitError: The file has too many streams or too large frames.
    """

    def __init__(self, path: Path, limits: MediaLimits) -> None:
        self._closed = False
        self.descriptor = _open_regular(path)
        try:
            self.size = os.fstat(self.descriptor).st_size
            self.kind = identify(os.pread(self.descriptor, HEAD_SIZE, 0))
            self._refuse_broken_index()
            self.container = self._demuxed(limits)
        except BaseException:
            os.close(self.descriptor)
            raise
        try:
            self._check(limits)
        except BaseException:
            self.close()
            raise

    def _demuxed(self, limits: MediaLimits) -> InputContainer:
        options = {
            "fd": str(self.descriptor),
            "protocol_whitelist": "fd",
            "format_whitelist": self.kind.demuxer,
            "max_pixels": str(limits.max_pixels),
        }
        try:
            return av.open("fd:", mode="r", format=self.kind.demuxer, options=options, metadata_errors="replace")
        except (FFmpegError, ValueError) as error:
            raise self._unopenable("its header is damaged or cut short") from error

    def _refuse_broken_index(self) -> None:
        # FFmpeg opens a file with half an index and shows some of its streams, as if the others had never been there.
        fault = mp4_fault(self.descriptor, self.size) if self.kind is MP4 else None
        if fault is not None:
            raise self._unopenable(fault)

    def _unopenable(self, reason: str) -> CorruptMediaError:
        return CorruptMediaError(f"The {self.kind.name} file cannot be opened: {reason}.")

    def _check(self, limits: MediaLimits) -> None:
        streams = len(self.container.streams)
        if streams > limits.max_streams:
            raise MediaLimitError(f"The file has {streams} streams; at most {limits.max_streams} are allowed.")
        if self.video_stream is None and self.audio_stream is None:
            raise MissingStreamError("The file has neither a video nor an audio stream.")
        for stream in (self.video_stream, self.audio_stream):
            if stream is None:
                continue
            if stream.codec_context is None:
                raise UnsupportedMediaError(f"The {stream.type} codec of the file is unknown.")
            # FFmpeg's default is a thread per processor, whose stacks alone can exceed a small memory limit.
            stream.codec_context.thread_count = 1
        if self.video_stream is not None:
            check_pixels(self.video_stream.codec_context.width, self.video_stream.codec_context.height, limits)

    @property
    def video_stream(self) -> VideoStream | None:
        """The video stream; the cover of a song does not count as one."""
        streams = self.container.streams.video
        return next((stream for stream in streams if not stream.disposition & Disposition.attached_pic), None)

    @property
    def audio_stream(self) -> AudioStream | None:
        """The stream that a player would play."""
        best = self.container.streams.best("audio")
        return best if isinstance(best, AudioStream) else None

    @property
    def origin(self) -> float:
        """The timestamp in seconds that is time 0: the first one where a container's clock starts anywhere, else 0."""
        start = self.container.start_time if self.kind.arbitrary_clock else None
        return start / av.time_base if start else 0.0

    def packets(self, *streams: VideoStream | AudioStream) -> Iterator[Packet[Any] | None]:
        """Yield the packets of ``streams`` as they lie in the file; None stands for a stretch that cannot be read.

        The last packet of each stream is empty and flushes its decoder.
        """
        damaged = 0
        reader = self.container.demux(*streams)
        while damaged < MAX_DAMAGED_READS:
            try:
                packet = next(reader)
            except StopIteration:
                return
            except FFmpegError:
                damaged += 1
                reader = self.container.demux(*streams)
                yield None
            else:
                damaged = 0
                yield packet

    def close(self) -> None:
        """Give the file back. May be called twice."""
        if not self._closed:
            self._closed = True
            self.container.close()
            os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def decode_video_packet(stream: VideoStream, packet: Packet[Any]) -> list[VideoFrame] | None:
    """Return the frames that ``packet`` completes; None if the packet is damaged."""
    try:
        return stream.codec_context.decode(packet)
    except FFmpegError as error:
        raise_unless_damage(error, stream)
        return None


def decode_audio_packet(stream: AudioStream, packet: Packet[Any]) -> list[AudioFrame] | None:
    """Return the blocks of samples that ``packet`` completes; None if the packet is damaged."""
    try:
        return stream.codec_context.decode(packet)
    except FFmpegError as error:
        raise_unless_damage(error, stream)
        return None


def raise_unless_damage(error: FFmpegError, stream: VideoStream | AudioStream) -> None:
    """Raise the typed error of a decoder that never started; return when a single packet is to blame."""
    if not stream.codec_context.is_open:
        raise CorruptMediaError(
            f"The {stream.type} decoder ({stream.codec_context.name}) refuses the file: {error.strerror}."
        ) from error


def packet_time(packet: Packet[Any]) -> float | None:
    """Return the timestamp of a packet in seconds of the container's clock; None if it has none."""
    ticks = packet.pts if packet.pts is not None else packet.dts
    return None if ticks is None else float(ticks * packet.time_base)


def check_pixels(width: int, height: int, limits: MediaLimits) -> None:
    """Raise MediaLimitError if a frame of this size in pixels is too large."""
    if width * height > limits.max_pixels:
        raise MediaLimitError(
            f"A frame has {width} x {height} pixels; at most {limits.max_pixels} pixels are allowed.",
            {"width": width, "height": height, "max_pixels": limits.max_pixels},
        )


def _open_regular(path: Path) -> int:
    """Return the descriptor of a regular file, and neither follow a link nor wait for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if path.is_symlink():
        raise UnsupportedMediaError("The path is a symbolic link; links are never followed.")
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _unreadable(error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnsupportedMediaError("The path is not a regular file.")
    return descriptor


def _unreadable(error: OSError) -> VideoAnnotatorError:
    return InvalidRequestError(f"The file cannot be read: {os.strerror(error.errno or 0)}.")
