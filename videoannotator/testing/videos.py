"""Writing video and sound files from known frames, timestamps and samples, the same bytes every time."""

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
from videoannotator.testing.sounds import SOUND_RATE, Sound

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
_SOUND_BLOCK = 1024
_REPEATABLE = {"fflags": "+bitexact"}
"""Without it Matroska and Ogg files carry random ids."""


@dataclass(frozen=True)
class Encoding:
    """How pictures are written. ``rotation`` is the clockwise turn in degrees that a player is told to apply."""

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
    sound: Sound | None = None,
    sound_start: float = 0.0,
    encoding: Encoding | None = None,
) -> Path:
    """Write pictures, and perhaps a sound, to the container that the file's suffix names; return the path.

    Frame ``n`` is shown at ``times[n]`` seconds, or at ``n / rate``. The sound starts at ``sound_start`` seconds.
    """
    encoding = encoding or Encoding()
    with av.open(str(path), "w", options=_REPEATABLE | dict(encoding.container_options)) as container:
        sound_stream = None if sound is None else _sound_stream(container, path, sound)
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
        if sound is not None and sound_stream is not None:
            _write_sound(container, sound_stream, sound, sound_start)
    return path


def write_sound(path: Path, sound: Sound, *, start: float = 0.0) -> Path:
    """Write a sound alone to the container that the file's suffix names; return the path."""
    with av.open(str(path), "w", options=_REPEATABLE) as container:
        _write_sound(container, _sound_stream(container, path, sound), sound, start)
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


def _sound_stream(container: OutputContainer, path: Path, sound: Sound) -> AudioStream:
    codec = _SOUND_CODECS.get(path.suffix, "pcm_s16le")
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(len(sound), f"{len(sound)} channels")
    stream = container.add_stream(codec, rate=SOUND_RATE, layout=layout)
    assert isinstance(stream, AudioStream)  # noqa: S101 - only codecs for sounds come here
    return stream


def _write_sound(container: OutputContainer, stream: AudioStream, sound: Sound, start: float) -> None:
    first = round(start * SOUND_RATE)
    for offset in range(0, sound.shape[1], _SOUND_BLOCK):
        block = np.ascontiguousarray(sound[:, offset : offset + _SOUND_BLOCK].T).reshape(1, -1)
        frame = AudioFrame.from_ndarray(block, format="flt", layout=stream.layout.name)
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = first + offset
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
