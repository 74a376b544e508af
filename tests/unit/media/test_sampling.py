"""Frames are chosen by their timestamps: no drift, no fps arithmetic."""

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.media.sampling import CLOCK_TOLERANCE, Sampler

rates = st.floats(0.1, 60.0)
gaps = st.lists(st.floats(0.001, 3.0), min_size=1, max_size=200)


def chosen(times: list[float], rate: float | None) -> list[float]:
    sampler = Sampler(rate)
    return [time for time in times if sampler.wants(time)]


def steady(count: int, rate: float) -> list[float]:
    return [index / rate for index in range(count)]


def test_no_rate_means_every_frame() -> None:
    times = steady(50, 25)
    assert chosen(times, None) == times


def test_one_a_second_of_thirty() -> None:
    assert chosen(steady(90, 30), 1) == [0.0, 1.0, 2.0]


def test_a_rate_above_the_video_s_takes_every_frame() -> None:
    times = steady(50, 25)
    assert chosen(times, 100) == times


@pytest.mark.parametrize("rate", [24000 / 1001, 25, 30000 / 1001, 30, 50, 60])
def test_the_video_s_own_rate_takes_every_frame_though_matroska_rounds_to_milliseconds(rate: float) -> None:
    times = [round(time, 3) for time in steady(5000, rate)]
    assert chosen(times, rate) == times


def test_ten_hours_do_not_drift() -> None:
    times = steady(36_000 * 5, 5)
    assert chosen(times, 1) == [float(second) for second in range(36_000)]


def test_a_slow_stretch_costs_no_frame_of_the_fast_one_after_it() -> None:
    slow, fast = [0.0, 1.0, 2.0], [3 + index / 60 for index in range(60)]
    assert chosen(slow + fast, 4) == pytest.approx([0, 1, 2, 3, 3.25, 3.5, 3.75])


def test_time_may_start_anywhere() -> None:
    assert chosen([time + 95_443.7 for time in steady(75, 25)], 1) == pytest.approx([95_443.7, 95_444.7, 95_445.7])


def test_repeated_and_falling_times_choose_nothing_twice() -> None:
    assert chosen([0.0, 0.0, 1.0, 0.9, 1.0, 2.0], 1) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf])
def test_a_rate_is_a_positive_number(rate: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Sampler(rate)


@given(gaps, rates)
def test_the_first_frame_is_always_chosen(gaps: list[float], rate: float) -> None:
    times = list(accumulate(gaps))
    assert chosen(times, rate)[0] == times[0]


@given(gaps, rates)
def test_never_more_than_one_frame_in_each_slot(gaps: list[float], rate: float) -> None:
    times = list(accumulate(gaps))
    length = times[-1] - times[0] + CLOCK_TOLERANCE
    assert len(chosen(times, rate)) <= math.floor(length * rate) + 1


@given(gaps, rates)
def test_a_frame_is_passed_over_only_if_one_was_chosen_less_than_a_slot_before(gaps: list[float], rate: float) -> None:
    times = list(accumulate(gaps))
    kept = chosen(times, rate)
    for time in set(times) - set(kept):
        before = max(other for other in kept if other < time)
        assert time - before < 1 / rate + CLOCK_TOLERANCE
