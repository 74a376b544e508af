import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.identity.intervals import common, merged, presence, typical_step
from videoannotator.identity.speakers import link_speakers

ANN, BEN = "ann", "ben"


def test_whoever_alone_is_shown_while_somebody_speaks_is_the_speaker() -> None:
    """An interview that is cut from one face to the other with each turn."""
    speech = {"SPEAKER_00": [(0.0, 10.0), (20.0, 30.0)], "SPEAKER_01": [(10.0, 20.0)]}
    visible = {ANN: [(0.0, 10.0), (20.0, 30.0)], BEN: [(10.0, 20.0)]}
    assert link_speakers(speech, visible) == {"SPEAKER_00": (ANN, 1.0), "SPEAKER_01": (BEN, 1.0)}


def test_two_people_in_the_picture_leave_it_open_who_speaks() -> None:
    assert link_speakers({"SPEAKER_00": [(0.0, 10.0)]}, {ANN: [(0.0, 10.0)], BEN: [(2.0, 10.0)]}) == {}


def test_one_face_and_two_voices_leave_it_open_whose_voice_it_is() -> None:
    speech = {"SPEAKER_00": [(0.0, 10.0)], "SPEAKER_01": [(10.0, 20.0)]}
    assert link_speakers(speech, {ANN: [(0.0, 20.0)]}) == {}


def test_what_speaks_against_a_link_lowers_its_confidence() -> None:
    speech = {"SPEAKER_00": [(0.0, 100.0)], "SPEAKER_01": [(100.0, 200.0)]}
    links = link_speakers(speech, {ANN: [(0.0, 95.0), (190.0, 195.0)]})
    assert links == {"SPEAKER_00": (ANN, pytest.approx(0.9))}


def test_somebody_who_says_a_word_is_linked_to_nobody() -> None:
    assert link_speakers({"SPEAKER_00": [(0.0, 0.5)]}, {ANN: [(0.0, 10.0)]}) == {}
    assert link_speakers({"SPEAKER_00": []}, {ANN: [(0.0, 10.0)]}) == {}
    assert link_speakers({"SPEAKER_00": [(0.0, 5.0)]}, {}) == {}


times = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 20)), max_size=8).map(
    lambda found: merged((float(start), float(start + length)) for start, length in found)
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), times), st.dictionaries(st.integers(1, 4), times))
def test_nobody_has_two_voices(
    speech: dict[str, list[tuple[float, float]]], visible: dict[int, list[tuple[float, float]]]
) -> None:
    links = link_speakers(speech, visible)
    assert len({who for who, _ in links.values()}) == len(links)
    assert all(0.8 - 1e-9 <= confidence <= 1 for _, confidence in links.values())


@given(times, times)
def test_common_time_is_what_both_cover(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    seconds = [
        second_
        for second_ in range(130)
        if all(any(start <= second_ < end for start, end in each) for each in (first, second))
    ]
    assert common(first, second) == common(second, first) == len(seconds)


def test_short_gaps_between_sightings_are_none() -> None:
    seen = [0.0, 0.1, 0.2, 0.4, 1.0, 1.1]
    assert typical_step(seen) == 0.1 or abs(typical_step(seen) - 0.1) < 1e-9
    assert [(round(start, 6), round(end, 6)) for start, end in presence(seen, 0.1)] == [(0.0, 0.5), (1.0, 1.2)]
