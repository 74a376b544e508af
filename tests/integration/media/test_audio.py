"""Audio on the clock of the picture: 16 kHz, mono, silence where nothing was recorded."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from videoannotator.errors import JobCancelledError, MediaLimitError, MissingStreamError, UnsupportedMediaError
from videoannotator.media.audio import SAMPLE_RATE, decode_audio
from videoannotator.media.limits import MediaLimits
from videoannotator.testing.audio import joined, silence, tone
from videoannotator.testing.pictures import numbered
from videoannotator.testing.videos import write_audio, write_video


def level(samples: NDArray[np.float32], start: float, end: float) -> float:
    """Return the root mean square between two times in seconds."""
    part = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(np.sqrt(np.mean(np.square(part))))


def pitch(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * SAMPLE_RATE / samples.size)


def onset(samples: NDArray[np.float32]) -> float:
    return float(np.argmax(np.abs(samples) > 0.1) / SAMPLE_RATE)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mka", ".mp3", ".mp4", ".ts"])
def test_a_tone_keeps_its_pitch_level_and_length(tmp_path: Path, suffix: str) -> None:
    samples = decode_audio(write_audio(tmp_path / f"tone{suffix}", tone(440, 2.0)))
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert samples.size / SAMPLE_RATE == pytest.approx(2.0, abs=0.06)
    assert pitch(samples) == pytest.approx(440, abs=1)
    assert level(samples, 0.5, 1.5) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("channels", [2, 6, 10])
def test_channels_that_say_the_same_do_not_add_up(tmp_path: Path, channels: int) -> None:
    samples = decode_audio(write_audio(tmp_path / "tone.wav", tone(440, 1.0, channels=channels)))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_that_starts_after_the_picture_is_heard_at_its_time(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"late{suffix}", map(numbered, range(75)), audio=tone(440, 1.0), audio_start=1.5)
    samples = decode_audio(path)
    assert onset(samples) == pytest.approx(1.5, abs=0.03)
    assert level(samples, 0, 1.4) < 0.01


def test_a_click_in_the_middle_stays_where_it_was(tmp_path: Path) -> None:
    audio = joined(silence(30.0), tone(1000, 0.1), silence(1.0))
    assert onset(decode_audio(write_audio(tmp_path / "click.mp4", audio))) == pytest.approx(30.0, abs=0.005)


def test_a_gap_in_the_packets_becomes_silence(tmp_path: Path) -> None:
    # Transport streams can be joined by appending their bytes; the second part starts at 3 s.
    first = write_audio(tmp_path / "first.ts", tone(440, 1.0))
    second = write_audio(tmp_path / "second.ts", tone(440, 1.0), start=3.0)
    path = tmp_path / "gap.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    samples = decode_audio(path)
    assert samples.size / SAMPLE_RATE == pytest.approx(4.0, abs=0.1)
    assert level(samples, 0.1, 0.9) == pytest.approx(0.35, abs=0.03)
    assert level(samples, 1.2, 2.9) < 0.01
    assert level(samples, 3.2, 3.9) == pytest.approx(0.35, abs=0.03)


def test_a_video_without_sound(tmp_path: Path) -> None:
    path = write_video(tmp_path / "mute.mp4", [numbered(1)] * 3)
    with pytest.raises(MissingStreamError, match="no audio"):
        decode_audio(path)


def test_more_sound_than_allowed(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "long.wav", tone(440, 2.0))
    with pytest.raises(MediaLimitError, match="beyond 1 s"):
        decode_audio(path, MediaLimits(max_duration=1.0))


def test_more_channels_than_can_be_mixed(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "many.wav", tone(440, 0.1, channels=64))
    with pytest.raises(UnsupportedMediaError, match="16 kHz mono"):
        decode_audio(path)


def test_cancelling_stops_the_decoding(tmp_path: Path) -> None:
    cancelled = Event()
    cancelled.set()
    with pytest.raises(JobCancelledError):
        decode_audio(write_audio(tmp_path / "tone.wav", tone(440, 1.0)), cancelled=cancelled)
