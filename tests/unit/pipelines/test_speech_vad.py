from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.pipelines.speech_recognition.vad import WINDOW, SpeechSegment, speech_segments

MARGIN = 6400
"""0.4 s."""


def found(probabilities: Sequence[float], threshold: float = 0.5, min_silence: float = 0.1) -> list[tuple[int, int]]:
    """Return the segments in windows, exact to the sample."""
    array = np.asarray(probabilities, np.float32)
    return [
        (segment.start, segment.end) for segment in speech_segments(array, len(array) * WINDOW, threshold, min_silence)
    ]


def windows(first: int, last: int) -> tuple[int, int]:
    return first * WINDOW - MARGIN, last * WINDOW + MARGIN


def test_a_stretch_is_what_is_probably_speech_with_a_margin() -> None:
    assert found([0] * 50 + [0.9] * 10 + [0] * 50) == [windows(50, 60)]


def test_the_margin_ends_with_the_sound() -> None:
    assert found([0, 0.9, 0.9, 0.9, 0.9, 0.9, 0]) == [(0, 7 * WINDOW)]


def test_neighbours_share_the_pause_between_them() -> None:
    first, second = found([0.9] * 10 + [0] * 8 + [0.9] * 10)
    assert first == (0, 14 * WINDOW)
    assert second == (14 * WINDOW, 28 * WINDOW)


@pytest.mark.parametrize(("min_silence", "count"), [(0.2, 2), (0.3, 2), (0.4, 1)])
def test_a_pause_shorter_than_the_least_is_no_pause(min_silence: float, count: int) -> None:
    assert len(found([0.9] * 20 + [0] * 10 + [0.9] * 20, min_silence=min_silence)) == count


def test_a_click_is_no_speech() -> None:
    assert found([0] * 50 + [0.9] + [0] * 50) == []


def test_speech_goes_on_while_it_is_a_little_less_probable_than_its_start() -> None:
    assert found([0] * 50 + [0.5] * 10 + [0.4] * 40 + [0] * 50) == [windows(50, 100)]
    assert found([0] * 50 + [0.4] * 40 + [0] * 50) == []


@pytest.mark.parametrize(("threshold", "count"), [(0.3, 1), (0.6, 1), (0.8, 0)])
def test_the_threshold_decides(threshold: float, count: int) -> None:
    assert len(found([0] * 20 + [0.7] * 20 + [0] * 20, threshold=threshold)) == count


@given(
    st.lists(st.sampled_from([0.0, 0.3, 0.4, 0.6, 1.0]), max_size=200),
    st.floats(0.05, 0.95),
    st.floats(0.1, 2),
    st.integers(0, WINDOW - 1),
)
def test_stretches_never_overlap_and_stay_within_the_sound(
    probabilities: list[float], threshold: float, min_silence: float, missing: int
) -> None:
    array = np.asarray(probabilities, np.float32)
    length = max(len(array) * WINDOW - missing, 0)
    result = speech_segments(array, length, threshold, min_silence)
    edges = [edge for segment in result for edge in (segment.start, segment.end)]
    assert edges == sorted(edges)
    assert all(0 <= segment.start < segment.end <= length for segment in result)
    assert all(isinstance(segment, SpeechSegment) for segment in result)
