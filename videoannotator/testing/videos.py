"""Writing video and audio files from known frames, timestamps and samples, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.media.frame import Image
from videoannotator.testing.audio import AUDIO_RATE, Audio

_TIME_BASE = Fraction(1, 90_000)
_SOUND_CODECS = {
    ".mp4": "aac",
    ".mov": "aac",
    ".ts": "mp2",
    ".webm": "libopus",
    ".ogg": "libopus",
    ".flac": "flac",
    ".mp3": "libmp3lame",
}
_AUDIO_BLOCK = 1024
_REPEATABLE = {"fflags": "+bitexact"}
"""Without it Matroska and Ogg files carry random ids."""


@dataclass(frozen=True)
class Encoding:
    """How pictures are written. ``rotation`` is the clockwise turn in degrees that a player applies."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    rotation: int = 0
    key_interval: int = 12
    b_frames: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    container_options: Mapping[str, str] = field(default_factory=dict)


def write_video(
    path: Path,
    images: Iterable[Image],
    *,
    rate: int = 25,
    times: Sequence[float] | None = None,
    audio: Audio | None = None,
    audio_start: float = 0.0,
    encoding: Encoding | None = None,
) -> Path:
    """Write frames, and perhaps audio, to the container that the file's suffix names; return the path.

    Frame ``n`` is shown at ``times[n]`` seconds, or at ``n / rate``. The audio starts at ``audio_start`` seconds.
    """
    encoding = encoding or Encoding()
    with av.open(str(path), "w", options=_REPEATABLE | dict(encoding.container_options)) as container:
        audio_stream = None if audio is None else _audio_stream(container, path, audio)
        stream: VideoStream | None = None
        for index, image in zip(count() if times is None else range(len(times)), images, strict=False):
            if stream is None:
                stream = _picture_stream(container, image, encoding, rate, steady=times is None)
            frame = VideoFrame.from_ndarray(image, format="rgb24")
            frame.time_base = Fraction(1, rate) if times is None else _TIME_BASE
            frame.pts = index if times is None else round(times[index] / _TIME_BASE)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
        if audio is not None and audio_stream is not None:
            _write_audio(container, audio_stream, audio, audio_start)
    return path


def write_audio(path: Path, audio: Audio, *, start: float = 0.0) -> Path:
    """Write audio alone to the container that the file's suffix names; return the path."""
    with av.open(str(path), "w", options=_REPEATABLE) as container:
        _write_audio(container, _audio_stream(container, path, audio), audio, start)
    return path


def _picture_stream(
    container: OutputContainer, image: Image, encoding: Encoding, rate: int, *, steady: bool
) -> VideoStream:
    options = {"g": str(encoding.key_interval), "bf": str(encoding.b_frames), "threads": "1"}
    if encoding.codec == "libx264":
        options |= {"preset": "ultrafast", "crf": "12"}
    stream = container.add_stream(encoding.codec, rate=rate, options=options | dict(encoding.options))
    assert isinstance(stream, VideoStream)  # noqa: S101 - only codecs for pictures come here
    stream.height, stream.width = image.shape[:2]
    stream.pix_fmt = encoding.pixels
    if not steady:
        stream.codec_context.time_base = _TIME_BASE
    if encoding.rotation:
        stream.set_display_rotation(-encoding.rotation)
    return stream


def _audio_stream(container: OutputContainer, path: Path, audio: Audio) -> AudioStream:
    codec = _SOUND_CODECS.get(path.suffix, "pcm_s16le")
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(len(audio), f"{len(audio)} channels")
    stream = container.add_stream(codec, rate=AUDIO_RATE, layout=layout)
    assert isinstance(stream, AudioStream)  # noqa: S101 - only codecs for sounds come here
    return stream


def _write_audio(container: OutputContainer, stream: AudioStream, audio: Audio, start: float) -> None:
    first = round(start * AUDIO_RATE)
    for offset in range(0, audio.shape[1], _AUDIO_BLOCK):
        block = np.ascontiguousarray(audio[:, offset : offset + _AUDIO_BLOCK].T).reshape(1, -1)
        frame = AudioFrame.from_ndarray(block, format="flt", layout=stream.layout.name)
        frame.sample_rate = AUDIO_RATE
        frame.time_base = Fraction(1, AUDIO_RATE)
        frame.pts = first + offset
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
