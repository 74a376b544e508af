"""Voice activity detection: finding the segments of speech."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.models.fair_lock import FairLock
from videoannotator.models.files import Weights
from videoannotator.models.sessions import ComputeResources
from videoannotator.pipelines.base import OnProgress

WINDOW = 512
"""Samples that are judged at a time: 32 ms."""

_CONTEXT = 64
"""Samples before a window that are needed to judge it."""
_STATE = (1, 1, 128)
_BLOCK = 1000
"""Windows that are handed over at a time, half a minute: so that cancelling is quick and memory flat."""

_HYSTERESIS = 0.15
"""Speech that has begun goes on while it is only this much less probable than `threshold`, as Silero advises."""
_LEAST_THRESHOLD = 0.01
_SHORTEST = 2
"""Windows; what is shorter is a click and no word."""
_MARGIN = 0.4
"""Seconds before and after a segment that belong to it: words begin and end quietly."""


@dataclass(frozen=True, slots=True)
class SpeechSegment:
    """Samples of speech; ``end`` is exclusive."""

    start: int
    end: int


class VoiceDetector:
    """Silero VAD 6 (github.com/snakers4/silero-vad): the probability of speech, window by window."""

    def __init__(self, session: Any, lock: FairLock) -> None:
        """``session``: of onnxruntime."""
        self._session = session
        self._lock = lock

    def probabilities(self, samples: Samples, on_progress: OnProgress) -> NDArray[np.float32]:
        """Return how probable speech is, for each `WINDOW` of ``samples``; the last may be partial."""
        state = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)
        found = [np.zeros(0, np.float32)]
        for windows in _blocks(samples):
            on_progress(0.0)
            with self._lock:
                block, *state = self._session.run(None, {"input": windows, "h": state[0], "c": state[1]})
            found.append(block)
        return np.concatenate(found)


def load_voice_detector(weights: Weights, resources: ComputeResources) -> VoiceDetector:
    """Load Silero VAD; it is so small that a second thread would cost more than it brings."""
    import onnxruntime  # heavy, and needed only where models run

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(weights.path), options, providers=["CPUExecutionProvider"])
    return VoiceDetector(session, resources.lock)


def speech_segments(
    probabilities: NDArray[np.float32], length: int, threshold: float, min_silence: float
) -> tuple[SpeechSegment, ...]:
    """Return the segments of speech in audio of ``length`` samples.

    Speech begins with a window of at least ``threshold`` and ends with a pause of at least ``min_silence`` seconds.
    """
    patience = min_silence * SAMPLE_RATE / WINDOW
    spoken = [
        (first, last)
        for first, last in _spoken(probabilities.tolist(), threshold, patience)
        if last - first >= _SHORTEST
    ]
    return _widened([SpeechSegment(first * WINDOW, min(last * WINDOW, length)) for first, last in spoken], length)


def _blocks(samples: Samples) -> Iterator[NDArray[np.float32]]:
    """Yield rows of a window with its context; the audio is taken to begin and end in silence."""
    for start in range(0, len(samples), _BLOCK * WINDOW):
        part = samples[max(start - _CONTEXT, 0) : start + _BLOCK * WINDOW]
        before = _CONTEXT if start == 0 else 0
        part = np.pad(part, (before, -(len(part) + before - _CONTEXT) % WINDOW))
        yield np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(part, _CONTEXT + WINDOW)[::WINDOW])


def _spoken(probabilities: Sequence[float], threshold: float, patience: float) -> Iterator[tuple[int, int]]:
    """Yield first and last window, exclusive, of each segment of speech."""
    low = max(threshold - _HYSTERESIS, _LEAST_THRESHOLD)
    start: int | None = None
    pause: int | None = None
    for window, probability in enumerate(probabilities):
        if probability >= threshold:
            start, pause = window if start is None else start, None
        elif start is not None and probability < low:
            pause = window if pause is None else pause
            if window + 1 - pause >= patience:
                yield start, pause
                start = pause = None
    if start is not None:
        yield start, len(probabilities) if pause is None else pause


def _widened(found: Sequence[SpeechSegment], length: int) -> tuple[SpeechSegment, ...]:
    """Give each segment its margin; neighbours share the pause between them."""
    margin = round(_MARGIN * SAMPLE_RATE)
    ends = [0, *(segment.end for segment in found)]
    starts = [*(segment.start for segment in found), length]
    # Nothing is to be shared before the first and after the last one.
    room = [
        2 * (after - before) if index in (0, len(found)) else after - before
        for index, (before, after) in enumerate(zip(ends, starts, strict=True))
    ]
    return tuple(
        SpeechSegment(segment.start - min(margin, room[index] // 2), segment.end + min(margin, room[index + 1] // 2))
        for index, segment in enumerate(found)
    )
