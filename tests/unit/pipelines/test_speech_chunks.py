import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.pipelines.speech_recognition.chunks import LONGEST, SpeechChunk, chunks
from videoannotator.pipelines.speech_recognition.vad import WINDOW, SpeechSegment

SECOND = 16_000
SURE = np.ones(10_000, np.float32)


def speech(*spans: tuple[float, float]) -> list[SpeechSegment]:
    return [SpeechSegment(round(start * SECOND), round(end * SECOND)) for start, end in spans]


def test_short_stretches_share_a_passage_as_long_as_they_fit() -> None:
    first, second = chunks(speech((1, 5), (10, 12), (25, 30.9), (31.5, 33)), SURE)
    assert (first.start, first.end) == (1, 30.9)
    assert (second.start, second.end) == (31.5, 33)


def test_speech_without_a_pause_is_cut_where_it_is_least_probable() -> None:
    probabilities = SURE.copy()
    probabilities[round(27 * SECOND / WINDOW)] = 0.6
    probabilities[round(5 * SECOND / WINDOW)] = 0.2
    first, second = chunks(speech((0, 50)), probabilities)
    assert abs(first.end - 27) < 2 * WINDOW / SECOND
    assert (first.start, first.end, second.end) == (0, second.start, 50)


def test_what_is_no_speech_is_silent_and_times_stay_true() -> None:
    chunk = SpeechChunk(tuple(speech((1, 2), (4, 5))))
    heard = chunk.speech(np.full(10 * SECOND, 0.5, np.float32))
    assert len(heard) == 4 * SECOND
    assert set(heard[:SECOND]) == {0.5}
    assert set(heard[SECOND : 3 * SECOND]) == {0.0}
    assert set(heard[3 * SECOND :]) == {0.5}


def test_a_time_outside_speech_moves_to_the_nearest_speech() -> None:
    chunk = SpeechChunk(tuple(speech((1, 2), (4, 5))))
    assert chunk.nearest(1.2, 1.4) == (1.2, 1.4)
    assert chunk.nearest(1.5, 2.5) == (1.5, 2)
    assert chunk.nearest(2.1, 2.3) == (2, 2)
    assert chunk.nearest(3.7, 4.5) == (4, 4.5)
    assert chunk.nearest(0, 0.5) == (1, 1)
    assert chunk.nearest(6, 7) == (5, 5)


@given(st.lists(st.tuples(st.integers(1, 80_000), st.integers(2000, 2_000_000)), max_size=8))
def test_passages_hold_all_speech_and_are_short_enough(lengths: list[tuple[int, int]]) -> None:
    spoken, position = [], 0
    for pause, length in lengths:
        spoken.append(SpeechSegment(position + pause, position + pause + length))
        position += pause + length
    probabilities = np.random.default_rng(0).random(position // WINDOW + 1, np.float32)
    parts = list(chunks(spoken, probabilities))
    assert all(part.end - part.start <= LONGEST for part in parts)
    pieces = [segment for part in parts for segment in part.speech_segments]
    assert sum(piece.end - piece.start for piece in pieces) == sum(whole.end - whole.start for whole in spoken)
    assert pieces == sorted(pieces, key=lambda piece: piece.start)
    assert all(any(whole.start <= piece.start < piece.end <= whole.end for whole in spoken) for piece in pieces)
