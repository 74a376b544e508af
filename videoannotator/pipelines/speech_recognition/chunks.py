"""Dividing hours of sound into passages that a recogniser takes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.pipelines.speech_recognition.vad import WINDOW, Stretch

LONGEST = 30.0
"""Seconds: what Whisper hears at a time."""

_EARLIEST_CUT = 20.0
"""Seconds after which speech without a pause may be cut."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the sound in which somebody speaks in some stretches; what lies between them is not listened to."""

    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> float:
        """Seconds of the whole sound."""
        return self.stretches[0].start / SAMPLE_RATE

    @property
    def end(self) -> float:
        """Seconds of the whole sound."""
        return self.stretches[-1].end / SAMPLE_RATE

    def speech(self, samples: Samples) -> Samples:
        """Return the passage with silence where nobody speaks: there is nothing to mishear, and times stay true."""
        first = self.stretches[0].start
        muted = np.zeros(self.stretches[-1].end - first, np.float32)
        for stretch in self.stretches:
            muted[stretch.start - first : stretch.end - first] = samples[stretch.start : stretch.end]
        return muted

    def nearest(self, start: float, end: float) -> tuple[float, float]:
        """Return the part of a span, in seconds of the whole sound, in which somebody speaks; it may have no length."""
        spans = [(stretch.start / SAMPLE_RATE, stretch.end / SAMPLE_RATE) for stretch in self.stretches]
        # The overlap; below 0 it is the distance.
        first, last = max(spans, key=lambda span: min(span[1], end) - max(span[0], start))
        return min(max(start, first), last), max(min(end, last), first)


def passages(stretches: Sequence[Stretch], probabilities: NDArray[np.float32]) -> Iterator[Passage]:
    """Put stretches together as long as they fit into `LONGEST`, and cut longer ones where speech is least probable."""
    waiting: list[Stretch] = []
    for stretch in stretches:
        for part in _divided(stretch, probabilities):
            if waiting and part.end - waiting[0].start > LONGEST * SAMPLE_RATE:
                yield Passage(tuple(waiting))
                waiting = []
            waiting.append(part)
    if waiting:
        yield Passage(tuple(waiting))


def _divided(stretch: Stretch, probabilities: NDArray[np.float32]) -> Iterator[Stretch]:
    start = stretch.start
    while stretch.end - start > LONGEST * SAMPLE_RATE:
        first = round(start + _EARLIEST_CUT * SAMPLE_RATE) // WINDOW
        last = round(start + LONGEST * SAMPLE_RATE) // WINDOW
        quietest = (first + int(np.argmin(probabilities[first:last]))) * WINDOW + WINDOW // 2
        yield Stretch(start, quietest)
        start = quietest
    yield Stretch(start, stretch.end)
