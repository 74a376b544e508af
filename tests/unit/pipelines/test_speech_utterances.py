from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.pipelines.speech_recognition.chunks import SpeechChunk
from videoannotator.pipelines.speech_recognition.recogniser import Token
from videoannotator.pipelines.speech_recognition.utterances import joined, on_the_clock, sentences, utterances
from videoannotator.pipelines.speech_recognition.vad import SpeechSegment

PASSAGE = SpeechChunk((SpeechSegment(160_000, 192_000), SpeechSegment(240_000, 256_000)))
"""Speech from 10 to 12 and from 15 to 16 seconds."""


def spoken(text: str, pause: float = 0.1) -> list[Token]:
    """Return each word of ``text``, a second long."""
    return [
        Token(index * (1 + pause), index * (1 + pause) + 1, f" {word}", 0.5) for index, word in enumerate(text.split())
    ]


def texts(parts: Sequence[Sequence[Token]]) -> list[str]:
    return ["".join(word.text for word in part).strip() for part in parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello? Oh, hello. I see", ["Hello?", "Oh, hello.", "I see"]),
        ('He said "Stop!" and went.', ['He said "Stop!"', "and went."]),
        ("Dr. Miller is in.", ["Dr. Miller is in."]),
        ("Well... I do not know", ["Well... I do not know"]),
        ("你好。 再见。", ["你好。", "再见。"]),
    ],
)
def test_a_sentence_is_an_utterance(text: str, parts: list[str]) -> None:
    assert texts(list(sentences(spoken(text), 1.0))) == parts


def test_a_pause_ends_an_utterance() -> None:
    assert texts(list(sentences(spoken("one two", pause=1.5), 1.0))) == ["one", "two"]
    assert texts(list(sentences(spoken("one two", pause=0.9), 1.0))) == ["one two"]
    assert list(sentences([], 1.0)) == []


def test_short_utterances_are_joined_with_the_next_and_the_last_with_the_one_before() -> None:
    parts = list(sentences(spoken("No. Really not. Three words here. Yes."), 1.0))
    assert texts(joined(parts, 0.0, 1.0)) == ["No.", "Really not.", "Three words here.", "Yes."]
    assert texts(joined(parts, 1.5, 1.0)) == ["No. Really not.", "Three words here. Yes."]
    assert texts(joined(parts, 9.0, 1.0)) == ["No. Really not. Three words here. Yes."]


def test_a_long_pause_keeps_even_short_utterances_apart() -> None:
    parts = list(sentences(spoken("No. No. No.", pause=2.0), 1.0))
    assert texts(joined(parts, 9.0, 1.0)) == ["No.", "No.", "No."]


def test_words_lie_within_speech_one_after_the_other_and_take_time() -> None:
    words = [
        Token(0.0, 0.5, " in", 1.0),
        Token(0.5, 0.5, " no", 1.0),
        Token(0.5, 1.0, " time", 1.0),
        Token(1.5, 3.0, " drifts", 1.0),
        Token(4.8, 5.5, " back", 1.0),
    ]
    placed = [(round(word.start, 3), round(word.end, 3)) for word in on_the_clock(words, PASSAGE)]
    assert placed == [(10.0, 10.5), (10.5, 10.52), (10.52, 11.0), (11.5, 12.0), (15.0, 15.5)]


@given(st.lists(st.tuples(st.floats(-1, 8), st.floats(0, 3)), max_size=400))
def test_words_never_overlap_or_leave_their_passage(spans: list[tuple[float, float]]) -> None:
    placed = on_the_clock([Token(start, start + length, " w", 1.0) for start, length in spans], PASSAGE)
    assert len(placed) == len(spans)
    edges = [edge for word in placed for edge in (word.start, word.end)]
    assert all(before <= after + 1e-9 for before, after in pairwise(edges))
    assert all(word.end > word.start for word in placed)
    assert not edges or (edges[0] >= PASSAGE.start - 1e-9 and edges[-1] <= PASSAGE.end + 1e-9)


def test_an_utterance_tells_text_times_score_and_words() -> None:
    [one] = utterances([[Token(1.0, 1.5, " Well,", 0.8), Token(1.6, 2.0, " yes.", 0.6)]], "en", with_words=True)
    assert (one.index, one.start, one.end, one.text, one.language) == (0, 1.0, 2.0, "Well, yes.", "en")
    assert one.score == pytest.approx(0.7)
    assert [(word.text, word.start, word.end, word.score) for word in one.words] == [
        ("Well,", 1.0, 1.5, 0.8),
        ("yes.", 1.6, 2.0, 0.6),
    ]
    [other] = utterances([[Token(1.0, 1.5, "你", 0.8), Token(1.6, 2.0, "好", 0.6)]], "zh", with_words=False)
    assert (other.text, other.words) == ("你好", ())
