from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.pipelines.boxes import Boxes, Scores
from videoannotator.pipelines.tracking import Tracker, identities


def people(*lefts: float) -> tuple[Boxes, Scores]:
    rows = [[left, 50, left + 60, 250] for left in lefts]
    return np.asarray(rows, np.float32).reshape(-1, 4), np.full(len(rows), 0.5, np.float32)


def follow(times: list[float], where: Callable[[float], list[float]], lost: float = 1.0) -> list[list[int]]:
    tracker = Tracker(10.0, 0.2, lost)
    return [tracker.update(*people(*where(time)), time) for time in times]


@pytest.mark.parametrize("rate", [2.0, 5.0, 14.0, 30.0])
def test_two_people_keep_their_keys_at_any_sampling_rate(rate: float) -> None:
    times = [index / rate for index in range(round(6 * rate))]
    found = follow(times, lambda time: [20 * time, 400 - 20 * time])
    assert all(keys == [0, 1] for keys in found)


def test_uneven_times_do_not_matter() -> None:
    times = [0.0, 0.1, 0.15, 0.5, 0.9, 0.95, 1.3, 1.31]
    assert all(keys == [0] for keys in follow(times, lambda time: [100 + 60 * time]))


def test_equal_times_do_not_warn() -> None:
    assert follow([0.0, 0.0, 0.0, 0.1], lambda _: [100.0]) == [[0]] * 4


@pytest.mark.parametrize(("lost", "keys"), [(0.2, {0, 1}), (3.0, {0})])
def test_somebody_who_comes_back_in_time_is_remembered(lost: float, keys: set[int]) -> None:
    times = [index / 10 for index in range(40)]
    found = follow(times, lambda time: [] if 1.0 <= time < 2.0 else [100.0], lost)
    assert {key for frame in found for key in frame} == keys


def test_a_person_far_away_is_somebody_else() -> None:
    found = follow([0.0, 0.1, 0.2, 0.3], lambda time: [0.0] if time < 0.15 else [500.0])
    assert found == [[0], [0], [1], [1]]


def test_a_score_just_at_the_threshold_is_followed() -> None:
    tracker = Tracker(10.0, 0.7, 1.0)
    boxes, scores = people(10)[0], np.asarray([0.7], np.float32)
    assert [tracker.update(boxes, scores, index / 10) for index in range(3)] == [[0], [0], [0]]


def test_track_ids_are_compact_and_leave_out_the_fleeting() -> None:
    assert identities([0, 0, 1, 2, 2, 5, 5, 5], least=2) == {0: 1, 2: 2, 5: 3}


@given(st.lists(st.lists(st.integers(0, 12), max_size=5, unique=True), max_size=15))
def test_every_detection_has_a_key_and_no_two_in_a_frame_share_one(frames: list[list[int]]) -> None:
    tracker = Tracker(10.0, 0.2, 1.0)
    known: set[int] = set()
    for index, places in enumerate(frames):
        keys = tracker.update(*people(*(70.0 * place for place in places)), index / 10)
        assert len(keys) == len(set(keys)) == len(places)
        known |= set(keys)
    assert known == set(range(len(known)))
