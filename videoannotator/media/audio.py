"""Decoding a file's audio, once, onto the clock of its video stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from numpy.typing import NDArray

from videoannotator.errors import (
    CorruptMediaError,
    JobCancelledError,
    MediaLimitError,
    MissingStreamError,
    UnsupportedMediaError,
)
from videoannotator.media.container import MediaFile, decode_audio_packet
from videoannotator.media.limits import MediaLimits
from videoannotator.progress import Cancellation

SAMPLE_RATE = 16_000
"""Samples per second that `decode_audio` returns."""

_TOLERANCE = SAMPLE_RATE // 20
"""Samples by which timestamps may disagree with counting before they are believed; containers round them."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recording:
    """The audio of a file."""

    samples: Samples
    """16 kHz, mono, -1..1; sample ``n`` is heard ``n / 16000`` seconds after the start of the video's clock."""
    missing: float
    """Seconds between its first and last audio that are silent because the file has nothing, or nothing readable."""


def decode_audio(path: Path, limits: MediaLimits | None = None, *, cancelled: Cancellation | None = None) -> Samples:
    """Return the samples of `decode_recording`, and raise what it raises."""
    return decode_recording(path, limits, cancelled=cancelled).samples


def decode_recording(
    path: Path, limits: MediaLimits | None = None, *, cancelled: Cancellation | None = None
) -> Recording:
    """Return the audio of a file. Before it starts, and where packets are missing or damaged, there is silence.

    Raises:
        MissingStreamError: The file has no audio stream.
        UnsupportedMediaError: The file is not of a kind that can be read.
        CorruptMediaError: The file is damaged.
        MediaLimitError: The file is longer or larger than allowed.
        JobCancelledError: The job was cancelled.
    """
    limits = limits or MediaLimits()
    with MediaFile(path, limits) as media:
        stream = media.audio_stream
        if stream is None:
            raise MissingStreamError("The file has no audio.")
        track = _Track(int(limits.max_duration * SAMPLE_RATE), _expected_samples(media, limits))
        segment = _Segment(track)
        for frame in _frames(media, stream, cancelled):
            segment = _followed(segment, frame, track, media.origin)
            segment.add(frame)
        segment.finish()
    if not track.length:
        raise CorruptMediaError(f"The audio ({stream.codec_context.name}) cannot be decoded: its data is damaged.")
    return Recording(track.samples(), track.missing / SAMPLE_RATE)


def _frames(media: MediaFile, stream: AudioStream, cancelled: Cancellation | None) -> Iterator[AudioFrame]:
    for packet in media.packets(stream):
        if cancelled is not None and cancelled.is_set():
            raise JobCancelledError("The job was cancelled while its audio was decoded.")
        if packet is not None:
            yield from decode_audio_packet(stream, packet) or ()


def _expected_samples(media: MediaFile, limits: MediaLimits) -> int:
    """Return how much room to reserve; only an estimate, because the header may lie."""
    seconds = (media.container.duration or 0) / 1_000_000
    return int(min(seconds + 1, limits.max_duration) * SAMPLE_RATE)


def _followed(segment: _Segment, frame: AudioFrame, track: _Track, origin: float) -> _Segment:
    """Return the segment that ``frame`` belongs to: the running one, or a new one after a gap or a change of format."""
    start = segment.position
    if frame.pts is not None and frame.time_base is not None:
        start = round((float(frame.pts * frame.time_base) - origin) * SAMPLE_RATE)
    moved = abs(start - segment.position) > _TOLERANCE
    if not moved and segment.takes(frame):
        return segment
    segment.finish()
    follower = _Segment(track)
    follower.place(start if moved else track.length)
    return follower


class _Track:
    """Samples from time 0 on. Grows in place, so that hours of audio are in memory once."""

    def __init__(self, limit: int, expected: int) -> None:
        self._limit = limit
        self._buffer: Samples = np.zeros(expected, np.float32)
        self.length = 0
        self.missing = 0

    def write(self, position: int, samples: Samples) -> None:
        """Put samples at a position. What would lie before time 0 or over earlier audio is dropped."""
        skipped = max(0, self.length - position)
        samples, position = samples[skipped:], position + skipped
        if not samples.size:
            return
        end = position + samples.size
        if end > self._limit:
            raise MediaLimitError(f"The audio goes on beyond {self._limit / SAMPLE_RATE:.0f} s, which is the limit.")
        if end > self._buffer.size:
            self._buffer.resize(min(max(end, self._buffer.size * 5 // 4), self._limit), refcheck=False)
        self.missing += position - self.length if self.length else 0
        self._buffer[position:end] = samples
        self.length = end

    def samples(self) -> Samples:
        """Give the samples away; the track is empty afterwards."""
        samples, self._buffer = self._buffer, np.zeros(0, np.float32)
        samples.resize(self.length, refcheck=False)
        return samples


class _Segment:
    """A stretch of audio without a gap, resampled as one piece so that blocks join without clicks."""

    def __init__(self, track: _Track) -> None:
        self._track = track
        self._resampler: AudioResampler | None = None
        self._form: tuple[str, str, int] | None = None
        self._start = track.length
        self._position = 0.0
        self._written = track.length

    @property
    def position(self) -> int:
        """The sample at which the next block starts."""
        return self._start + round(self._position)

    def place(self, start: int) -> None:
        """Move the start of a segment that has no samples yet."""
        self._start = self._written = start

    def takes(self, frame: AudioFrame) -> bool:
        """Whether the block has the same form as the ones before it."""
        return self._form is None or self._form == _form(frame)

    def add(self, frame: AudioFrame) -> None:
        """Resample a block and write it."""
        if self._resampler is None:
            # Without this cap on the gain, channels that say the same would add up and clip.
            self._resampler = AudioResampler("flt", "mono", SAMPLE_RATE, options={"rematrix_maxval": "1.0"})
            self._form = _form(frame)
        self._position += frame.samples * SAMPLE_RATE / frame.sample_rate
        self._write(frame)

    def finish(self) -> None:
        """Write what the resampler still holds back."""
        if self._resampler is not None:
            self._write(None)
            self._resampler = None

    def _write(self, frame: AudioFrame | None) -> None:
        assert self._resampler is not None  # noqa: S101 - both callers have just seen to it
        try:
            blocks = self._resampler.resample(frame)
        except MemoryError:
            raise
        except FFmpegError as error:
            raise UnsupportedMediaError(f"The audio cannot be converted to 16 kHz mono: {error.strerror}.") from error
        for block in blocks:
            samples = block.to_ndarray()[0]
            self._track.write(self._written, samples)
            self._written += samples.size


def _form(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate
