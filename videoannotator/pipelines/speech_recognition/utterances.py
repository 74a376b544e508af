"""Cutting the words of a recogniser into utterances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from videoannotator.annotations import Utterance, Word
from videoannotator.pipelines.speech_recognition.chunks import SpeechChunk
from videoannotator.pipelines.speech_recognition.recogniser import Token

Tokens = Sequence[Token]

_SHORTEST_WORD = 0.02
"""Seconds: Whisper's times are multiples of it, and it gives some words no time at all."""

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।")
_CLOSING = "\"'”’)]}»」』"
_ABBREVIATIONS = frozenset(
    {"mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs.", "e.g.", "i.e.", "z.b.", "bzw.", "m.", "mme."}
)


def on_the_clock(words: Iterable[Token], chunk: SpeechChunk) -> list[Token]:
    """Return ``words`` with times of the whole audio: within speech, one after the other, each with some length.

    The recogniser's alignment may run on into the silence around speech, and gives short words no time.
    """
    found = list(words)
    spans = [chunk.nearest(chunk.start + word.start, chunk.start + word.end) for word in found]
    spans = _apart(spans, chunk.start, chunk.end)
    return [
        Token(round(start, 3), round(end, 3), word.text, word.score)
        for (start, end), word in zip(spans, found, strict=True)
    ]


def sentences(words: Tokens, longest_pause: float) -> Iterator[Tokens]:
    """Cut ``words`` after each sentence and at each pause of more than ``longest_pause`` seconds."""
    first = 0
    for index, (word, following) in enumerate(pairwise(words), 1):
        if _ends_sentence(word.text) or following.start - word.end > longest_pause:
            yield words[first:index]
            first = index
    if words:
        yield words[first:]


def joined(parts: Iterable[Tokens], shortest: float, longest_pause: float) -> list[Tokens]:
    """Join each part shorter than ``shortest`` seconds with the next, or the last one with the one before it.

    Parts with a pause of more than ``longest_pause`` seconds between them stay apart.
    """
    result: list[Tokens] = []
    for part in parts:
        if result and _length(result[-1]) < shortest and _pause(result[-1], part) <= longest_pause:
            result[-1] = [*result[-1], *part]
        else:
            result.append(part)
    if len(result) > 1 and _length(result[-1]) < shortest and _pause(result[-2], result[-1]) <= longest_pause:
        last = result.pop()
        result[-1] = [*result[-1], *last]
    return result


def utterances(parts: Iterable[Tokens], language: str, *, with_words: bool) -> list[Utterance]:
    """Make an utterance of each part."""
    return [
        Utterance(
            index,
            part[0].start,
            part[-1].end,
            "".join(word.text for word in part).strip(),
            sum(word.score for word in part) / len(part),
            language,
            tuple(Word(word.start, word.end, word.text.strip(), word.score) for word in part) if with_words else (),
        )
        for index, part in enumerate(parts)
    ]


def _ends_sentence(text: str) -> bool:
    text = text.strip().rstrip(_CLOSING)
    return text.endswith(_SENTENCE_ENDS) and not text.endswith("...") and text.lower() not in _ABBREVIATIONS


def _length(part: Tokens) -> float:
    return part[-1].end - part[0].start


def _pause(part: Tokens, following: Tokens) -> float:
    return following[0].start - part[-1].end


def _apart(spans: Sequence[tuple[float, float]], first: float, last: float) -> list[tuple[float, float]]:
    """Return the spans with as little change as makes them follow each other, between ``first`` and ``last``."""
    shortest = min(_SHORTEST_WORD, (last - first) / max(len(spans), 1))
    apart, free = [], first
    for start, end in spans:
        start = max(start, free)
        free = max(end, start + shortest)
        apart.append((start, free))
    limit = last
    for index in reversed(range(len(apart))):
        end = min(apart[index][1], limit)
        limit = min(apart[index][0], end - shortest)
        apart[index] = limit, end
    return apart
