from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.annotations import SpeakerTurn, Utterance, Word
from videoannotator.pipelines.audio_processing.attribution import attribute

ANNA, BEN = "SPEAKER_00", "SPEAKER_01"


def utterance(text: str, *times: tuple[float, float], score: float = 0.5, between: str = " ") -> Utterance:
    words = tuple(Word(start, end, word, score) for word, (start, end) in zip(text.split(), times, strict=True))
    return Utterance(0, times[0][0], times[-1][1], between.join(text.split()), score, "en", words)


def turns(*stretches: tuple[float, float, str]) -> list[SpeakerTurn]:
    return [SpeakerTurn(index, start, end, who) for index, (start, end, who) in enumerate(sorted(stretches))]


def speakers(said: Utterance) -> list[str | None]:
    return [word.speaker for word in said.words]


def test_words_and_their_utterance_belong_to_who_speaks_meanwhile() -> None:
    [said] = attribute([utterance("Good morning", (1.0, 1.4), (1.5, 2.0))], turns((0.9, 2.1, ANNA), (3, 4, BEN)))
    assert (said.speaker, said.speaker_score, speakers(said)) == (ANNA, 1.0, [ANNA, ANNA])


def test_nobody_is_guessed_where_nobody_speaks() -> None:
    [said] = attribute([utterance("Hm what", (1.0, 1.4), (1.5, 2.0))], turns((1.5, 2.5, BEN)))
    assert speakers(said) == [None, BEN]
    assert (said.speaker, said.speaker_score) == (BEN, pytest.approx(0.5 / 0.9))
    [said] = attribute([utterance("Hello", (1.0, 1.4))], [])
    assert (said.speaker, said.speaker_score, speakers(said)) == (None, None, [None])


def test_a_word_between_two_turns_belongs_to_the_one_that_covers_most_of_it() -> None:
    [said] = attribute([utterance("sure", (1.0, 2.0))], turns((0.0, 1.4, ANNA), (1.4, 3.0, BEN)))
    assert (said.speaker, said.speaker_score) == (BEN, pytest.approx(0.6))


def test_where_both_speak_all_the_time_a_word_belongs_to_who_speaks_more_around_it() -> None:
    both = turns((0.0, 1.3, ANNA), (1.0, 4.0, BEN))
    said = attribute([utterance("and I am Ben", (1.0, 1.2), (1.3, 1.5), (1.5, 2.0), (2.0, 3.0))], both)
    assert [speakers(part) for part in said] == [[BEN] * 4]


def test_an_utterance_is_cut_where_the_speaker_changes() -> None:
    said = attribute(
        [
            utterance("Where is it here", (0.0, 0.4), (0.4, 0.6), (0.6, 1.0), (1.2, 1.8)),
            utterance("Thanks", (2.0, 2.5)),
        ],
        turns((0.0, 1.1, ANNA), (1.1, 1.9, BEN), (1.9, 3.0, ANNA)),
    )
    assert [(part.index, part.start, part.end, part.text, part.speaker) for part in said] == [
        (0, 0.0, 1.0, "Where is it", ANNA),
        (1, 1.2, 1.8, "here", BEN),
        (2, 2.0, 2.5, "Thanks", ANNA),
    ]


def test_a_moment_is_too_short_to_cut_but_its_words_keep_their_speaker() -> None:
    said = utterance("So I never hear that", (0.0, 0.1), (0.1, 0.3), (0.3, 0.8), (0.8, 1.0), (1.0, 1.2))
    [whole] = attribute([said], turns((0.0, 0.3, ANNA), (0.3, 2.0, BEN)))
    assert (whole.text, whole.speaker, speakers(whole)) == (said.text, BEN, [ANNA, ANNA, BEN, BEN, BEN])


def test_languages_without_spaces_are_cut_without_adding_any() -> None:
    said = utterance("你 好 谢谢", (0.0, 0.3), (0.3, 0.6), (1.0, 1.6), between="")
    parts = attribute([said], turns((0.0, 0.9, ANNA), (0.9, 2.0, BEN)))
    assert [part.text for part in parts] == ["你好", "谢谢"]


def test_without_words_the_whole_utterance_belongs_to_who_speaks_most_of_it() -> None:
    [said] = attribute([Utterance(0, 0.0, 2.0, "Hi there", 0.9, "en")], turns((0.0, 0.5, ANNA), (0.5, 1.5, BEN)))
    assert (said.speaker, said.speaker_score) == (BEN, pytest.approx(0.5))


def test_the_score_of_a_part_is_that_of_its_words() -> None:
    words = (Word(0.0, 1.0, "yes", 0.2), Word(1.0, 2.0, "no", 0.8))
    parts = attribute([Utterance(0, 0.0, 2.0, "yes no", 0.5, "en", words)], turns((0, 1, ANNA), (1, 2, BEN)))
    assert [part.score for part in parts] == [0.2, 0.8]


def _utterances(lengths: list[list[float]]) -> list[Utterance]:
    clock, said = 0.0, []
    for words in lengths:
        times = []
        for length in words:
            times.append((clock, clock + length))
            clock += length
        said.append(utterance(" ".join(["la"] * len(words)), *times))
    return said


LENGTHS = st.lists(st.lists(st.floats(0.02, 1), min_size=1, max_size=6), max_size=5)
TURNS = st.lists(st.tuples(st.floats(0, 15), st.floats(0.05, 4), st.sampled_from([ANNA, BEN])), max_size=8)


@given(LENGTHS, TURNS)
def test_no_word_is_lost_and_parts_follow_each_other(
    lengths: list[list[float]], spoken: list[tuple[float, float, str]]
) -> None:
    said = _utterances(lengths)
    parts = attribute(said, turns(*((start, start + length, who) for start, length, who in spoken)))
    before = [(word.start, word.end, word.text) for each in said for word in each.words]
    assert [(word.start, word.end, word.text) for part in parts for word in part.words] == before
    assert " ".join(part.text for part in parts) == " ".join(each.text for each in said)
    assert [part.index for part in parts] == list(range(len(parts)))
    assert all(one.end <= two.start + 1e-9 for one, two in pairwise(parts))
    for part in parts:
        assert (part.speaker is None) == (part.speaker_score is None) == all(who is None for who in speakers(part))
        assert part.speaker_score is None or 0 < part.speaker_score <= 1
