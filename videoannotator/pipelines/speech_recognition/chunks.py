"""Dividing hours of audio into chunks that a recogniser takes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.pipelines.speech_recognition.vad import WINDOW, SpeechSegment

LONGEST = 30.0
"""Seconds: what Whisper hears at a time."""

_EARLIEST_CUT = 20.0
"""Seconds after which speech without a pause may be cut."""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A part of the audio with speech segments; what lies between them is not transcribed."""

    speech_segments: tuple[SpeechSegment, ...]

    @property
    def start(self) -> float:
        """Seconds of the whole audio."""
        return self.speech_segments[0].start / SAMPLE_RATE

    @property
    def end(self) -> float:
        """Seconds of the whole audio."""
        return self.speech_segments[-1].end / SAMPLE_RATE

    def speech(self, samples: Samples) -> Samples:
        """Return the chunk with silence between speech segments: nothing is misheard there, times stay true."""
        first = self.speech_segments[0].start
        muted = np.zeros(self.speech_segments[-1].end - first, np.float32)
        for segment in self.speech_segments:
            muted[segment.start - first : segment.end - first] = samples[segment.start : segment.end]
        return muted

    def nearest(self, start: float, end: float) -> tuple[float, float]:
        """Return the part of a span, in seconds of the whole audio, that is speech; it may have no length."""
        spans = [(segment.start / SAMPLE_RATE, segment.end / SAMPLE_RATE) for segment in self.speech_segments]
        # The overlap; below 0 it is the distance.
        first, last = max(spans, key=lambda span: min(span[1], end) - max(span[0], start))
        return min(max(start, first), last), max(min(end, last), first)


def chunks(speech_segments: Sequence[SpeechSegment], probabilities: NDArray[np.float32]) -> Iterator[SpeechChunk]:
    """Put segments together as long as they fit into `LONGEST`, and cut longer ones where speech is least probable."""
    waiting: list[SpeechSegment] = []
    for segment in speech_segments:
        for part in _divided(segment, probabilities):
            if waiting and part.end - waiting[0].start > LONGEST * SAMPLE_RATE:
                yield SpeechChunk(tuple(waiting))
                waiting = []
            waiting.append(part)
    if waiting:
        yield SpeechChunk(tuple(waiting))


def _divided(segment: SpeechSegment, probabilities: NDArray[np.float32]) -> Iterator[SpeechSegment]:
    start = segment.start
    while segment.end - start > LONGEST * SAMPLE_RATE:
        first = round(start + _EARLIEST_CUT * SAMPLE_RATE) // WINDOW
        last = round(start + LONGEST * SAMPLE_RATE) // WINDOW
        quietest = (first + int(np.argmin(probabilities[first:last]))) * WINDOW + WINDOW // 2
        yield SpeechSegment(start, quietest)
        start = quietest
    yield SpeechSegment(start, segment.end)
