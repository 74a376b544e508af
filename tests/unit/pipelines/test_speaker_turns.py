from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.errors import InvalidConfigError
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.speaker_diarization.config import SpeakerDiarizationConfig
from videoannotator.pipelines.speaker_diarization.turns import Stretch, turns_of
from videoannotator.pipelines.validation import validate_config

STRETCHES = st.lists(
    st.tuples(st.floats(-1, 20), st.floats(-1, 20), st.sampled_from("abc")).map(
        lambda each: (min(each[:2]), max(each[:2]), each[2])
    )
)


def violations(section: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidConfigError) as caught:
        validate_config(Registry(BUILT_IN), None, {"diarization": section})
    return [(violation.field, violation.code) for violation in caught.value.violations]


def test_speakers_are_named_in_the_order_of_their_first_words() -> None:
    turns = turns_of([(5.0, 6.0, "0"), (1.0, 2.0, "1"), (1.5, 3.0, "0")], 10.0, 0.0)
    assert [(turn.index, turn.start, turn.end, turn.speaker) for turn in turns] == [
        (0, 1.0, 2.0, "SPEAKER_00"),
        (1, 1.5, 3.0, "SPEAKER_01"),
        (2, 5.0, 6.0, "SPEAKER_01"),
    ]


def test_who_speaks_too_shortly_is_not_named() -> None:
    [turn] = turns_of([(0.0, 0.05, "cough"), (1.0, 2.0, "voice")], 10.0, 0.1)
    assert (turn.start, turn.speaker) == (1.0, "SPEAKER_00")


@given(STRETCHES, st.floats(0, 2))
def test_turns_lie_within_the_sound_in_order_and_last_long_enough(stretches: list[Stretch], shortest: float) -> None:
    turns = turns_of(stretches, 10.0, shortest)
    assert all(0 <= turn.start < turn.end <= 10 for turn in turns)
    assert all(turn.end - turn.start >= shortest for turn in turns)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    assert [turn.index for turn in turns] == list(range(len(turns)))
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    assert names == [f"SPEAKER_{index:02d}" for index in range(len(names))]


def test_more_speakers_at_least_than_at_most_is_refused() -> None:
    assert violations({"min_speakers": 3, "max_speakers": 2}) == [
        ("config.diarization.max_speakers", "VALUE_OUT_OF_RANGE")
    ]
    assert violations({"min_speakers": 11}) == [("config.diarization.max_speakers", "VALUE_OUT_OF_RANGE")]


@pytest.mark.parametrize("option", ["num_speakers", "min_speakers", "max_speakers"])
def test_a_number_of_speakers_is_at_least_one(option: str) -> None:
    assert (f"config.diarization.{option}", "VALUE_OUT_OF_RANGE") in violations({option: 0})


def test_numbers_that_lost_their_type_on_the_way_are_whole_all_the_same() -> None:
    assert SpeakerDiarizationConfig(num_speakers=2.0).num_speakers == 2  # type: ignore[arg-type]


def test_a_known_number_of_speakers_is_both_bounds() -> None:
    assert SpeakerDiarizationConfig(num_speakers=3, min_speakers=5, max_speakers=2).bounds == (3, 3)
    assert SpeakerDiarizationConfig(min_speakers=None, max_speakers=None).bounds == (1, 50)


def test_the_models_follow_the_configuration() -> None:
    assert SpeakerDiarizationConfig().models(()) == ("pyannote-segmentation-3.0", "campplus-speaker")
    pyannote = SpeakerDiarizationConfig(diarization_model="pyannote/speaker-diarization-3.1")
    assert pyannote.models(()) == ("pyannote-segmentation-3.0", "wespeaker-voxceleb-resnet34")
    assert violations({"model": "somebody/elses"}) == [("config.diarization.model", "INVALID_VALUE")]
