"""What is shown of what is said, and when."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.support import findings
from videoannotator.annotations import SpeakerTurn
from videoannotator.drawing.active_records import ActiveRecords
from videoannotator.drawing.caption_lines import Caption, Captions, spoken, without_repeats

WIDE, SIZE = 300, 16


def shown(captions: Captions, time: float) -> list[str]:
    return [" ".join(caption.lines) for caption in captions.at(time)]


def test_an_utterance_is_shown_from_its_start_to_its_end() -> None:
    captions = Captions([findings.utterance(0, 1.0, "so it is")], WIDE, SIZE)
    assert [shown(captions, time) for time in (0.9, 1.0, 2.4, 2.5)] == [[], ["so it is"], ["so it is"], []]


def test_two_who_speak_at_once_are_both_shown() -> None:
    said = [findings.utterance(0, 1.0, "one two three"), findings.utterance(1, 2.0, "me too", "SPEAKER_01")]
    [first, second] = Captions(said, WIDE, SIZE).at(2.2)
    assert (first.speaker, second.speaker) == ("SPEAKER_00", "SPEAKER_01")


def test_what_two_pipelines_heard_is_shown_once_with_its_speaker() -> None:
    plain, named = Caption(("me too",), None), Caption(("me too",), "SPEAKER_01")
    other, chorus = Caption(("so it is",), None), Caption(("me too",), "SPEAKER_00")
    assert without_repeats([plain, other, named]) == [other, named]
    assert without_repeats([plain, plain]) == [plain]
    assert without_repeats([named, chorus, named]) == [named, chorus]


def test_of_a_long_utterance_those_two_lines_are_shown_that_are_spoken() -> None:
    words = [f"word{number}" for number in range(40)]
    captions = Captions([findings.utterance(0, 0.0, " ".join(words))], WIDE, SIZE)
    for number in range(40):
        [caption] = captions.at(number / 2 + 0.1)
        assert len(caption.lines) <= 2
        assert words[number] in " ".join(caption.lines).split()


def test_without_times_of_words_the_lines_take_turns_evenly() -> None:
    said = findings.utterance(0, 0.0, " ".join(["letters"] * 20))
    bare = type(said)(0, 0.0, 10.0, said.text, 0.8, "en")
    assert [spoken(bare, time, 140) for time in (-1.0, 0.0, 5.0, 10.0)] == [0, 0, 70, 140]


def test_an_utterance_without_text_has_no_caption() -> None:
    assert Captions([findings.utterance(0, 0.0, "")], WIDE, SIZE).at(0.0) == []


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 20)), max_size=20), st.lists(st.floats(0, 120), max_size=20))
def test_whatever_lasts_at_a_time_is_found(spans: Sequence[tuple[float, float]], times: Sequence[float]) -> None:
    turns = [
        SpeakerTurn(number, start, start + length, "SPEAKER_00") for number, (start, length) in enumerate(sorted(spans))
    ]
    current = ActiveRecords(turns, SpeakerTurn)
    for time in sorted(times):
        assert current.at(time) == [turn for turn in turns if turn.start <= time < turn.end]
