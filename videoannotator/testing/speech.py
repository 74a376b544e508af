"""Real speech whose words and speakers are known: the telephone call that pyannote.audio ships (MIT)."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import SpeakerTurn
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.testing.audio import AUDIO_RATE, Audio

_FULL_SCALE = 1 << 15
"""Of signed 16-bit samples."""


@dataclass(frozen=True)
class Line:
    """What one person says in one go, as a human wrote it down; times in seconds."""

    speaker: str
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Speech:
    """A recording and what is known about it. Times are in seconds from its start."""

    samples: Samples
    """16 kHz, mono, -1..1."""
    turns: tuple[SpeakerTurn, ...]
    """Who speaks when, in the order of their starts; turns overlap where people do."""
    lines: tuple[Line, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(line.text for line in self.lines)

    @property
    def audio(self) -> Audio:
        """The same for `videoannotator.testing.videos`."""
        return _resampled(self.samples, round(len(self.samples) * AUDIO_RATE / SAMPLE_RATE))[None, :]

    def cut(self, start: float, end: float) -> Speech:
        """Return the part from ``start`` to ``end``: with turns cut off, and the lines whose middle lies in it."""
        turns = [turn for turn in self.turns if turn.start < end and turn.end > start]
        lines = [line for line in self.lines if start <= (line.start + line.end) / 2 < end]
        return Speech(
            self.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)],
            tuple(
                SpeakerTurn(index, max(turn.start - start, 0.0), min(turn.end, end) - start, turn.speaker)
                for index, turn in enumerate(turns)
            ),
            tuple(Line(line.speaker, line.start - start, line.end - start, line.text) for line in lines),
        )


@cache
def telephone_call() -> Speech:
    """Return half a minute of two women on the telephone; the first word is said after 6.7 s. Read-only."""
    folder = _folder()
    with wave.open(str(folder / "sample.wav")) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    samples = (raw / _FULL_SCALE).astype(np.float32)
    samples.setflags(write=False)
    return Speech(samples, _turns(folder / "sample.rttm"), _lines(folder / "sample.stm"))


def _folder() -> Path:
    """Return where the sample is; pyannote.audio, a development dependency, is not imported for it."""
    spec = find_spec("pyannote.audio")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The sample of speech is part of pyannote.audio, which is not installed.")
    return Path(spec.submodule_search_locations[0]) / "sample"


def _turns(path: Path) -> tuple[SpeakerTurn, ...]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(
        SpeakerTurn(index, float(row[3]), float(row[3]) + float(row[4]), row[7]) for index, row in enumerate(rows)
    )


def _lines(path: Path) -> tuple[Line, ...]:
    rows = [line.split(maxsplit=5) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(Line(row[2], float(row[3]), float(row[4]), row[5]) for row in rows)


def _resampled(samples: Samples, count: int) -> NDArray[np.float32]:
    """Return ``count`` samples of the same audio, without frequencies that it did not have."""
    spectrum = np.fft.rfft(samples)
    return (np.fft.irfft(spectrum, count) * (count / len(samples))).astype(np.float32)
