"""Who says what: each word belongs to the speaker who speaks at that time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from videoannotator.annotations import SpeakerTurn, Utterance, Word

Turns = Sequence[SpeakerTurn]
Words = Sequence[Word]

_SHORTEST_PART = 0.5
"""Seconds. The times of words are not so exact that a shorter stretch could belong to another speaker."""
_DIGITS = 6
"""Of seconds; times that differ by less are the same."""


def attribute(said: Sequence[Utterance], turns: Turns) -> list[Utterance]:
    """Return what was ``said`` with the speaker of each word and utterance, cut where the speaker changes.

    Both come in the order of their starts. No speaker is guessed: words outside of every turn have none.
    """
    parts = [part for utterance, around in _with_turns(said, turns) for part in _attributed(utterance, around)]
    return [replace(part, index=index) for index, part in enumerate(parts)]


def _with_turns(said: Sequence[Utterance], turns: Turns) -> Iterator[tuple[Utterance, Turns]]:
    """Yield each utterance with the turns around it; of hours of turns only few are near."""
    coming, near = deque(turns), list[SpeakerTurn]()
    for utterance in said:
        while coming and coming[0].start < utterance.end:
            near.append(coming.popleft())
        near = [turn for turn in near if turn.end > utterance.start]
        yield utterance, near


def _attributed(utterance: Utterance, turns: Turns) -> Iterator[Utterance]:
    if not utterance.words:
        yield _attributed_as_a_whole(utterance, turns)
        return
    leaning = _times(utterance.start, utterance.end, turns)
    words = [
        replace(word, speaker=_most_frequent(_times(word.start, word.end, turns), leaning)) for word in utterance.words
    ]
    for part in _cut(replace(utterance, words=tuple(words))):
        yield _attributed_as_a_whole(part, turns)


def _times(start: float, end: float, turns: Turns) -> dict[str, float]:
    """Return how many of the seconds from ``start`` to ``end`` each speaker speaks."""
    spans = ((turn.speaker, min(end, turn.end) - max(start, turn.start)) for turn in turns)
    return _summed({who: common} for who, common in spans if common > 0)


def _most_frequent(times: Mapping[str, float], leaning: Mapping[str, float]) -> str | None:
    """Return who speaks longest; where several speak all the time, the one of them who speaks more around it."""
    return max(times, key=lambda who: (round(times[who], _DIGITS), leaning.get(who, 0.0)), default=None)


def _attributed_as_a_whole(utterance: Utterance, turns: Turns) -> Utterance:
    """Return ``utterance`` with the speaker who says most of it."""
    spans: Sequence[Word | Utterance] = utterance.words or [utterance]
    spoken = _summed(_times(span.start, span.end, turns) for span in spans)
    own = _summed({word.speaker: word.end - word.start} for word in utterance.words if word.speaker is not None)
    speaker = _most_frequent(own or spoken, spoken)
    if speaker is None:
        return utterance
    whole = sum(span.end - span.start for span in spans)
    return replace(utterance, speaker=speaker, speaker_score=min(1.0, spoken[speaker] / whole))


def _summed(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for who, seconds in part.items():
            total[who] = total.get(who, 0.0) + seconds
    return total


def _cut(utterance: Utterance) -> Iterator[Utterance]:
    """Cut ``utterance`` where the speaker of its words changes for longer than a moment."""
    parts = _parts(utterance.words)
    cursor, starts = 0, list[int]()
    for part in parts:
        starts.append(utterance.text.index(part[0].text, cursor))
        for word in part:
            cursor = utterance.text.index(word.text, cursor) + len(word.text)
    # Cut out of the text, because not every language puts spaces between words.
    for part, (start, end) in zip(parts, pairwise([*starts, len(utterance.text)]), strict=True):
        yield replace(
            utterance,
            start=part[0].start if start else utterance.start,
            end=part[-1].end if end < len(utterance.text) else utterance.end,
            text=utterance.text[start:end].strip(),
            score=sum(word.score for word in part) / len(part),
            words=tuple(part),
        )


def _parts(words: Words) -> list[Words]:
    """Divide ``words`` by speaker; what is too short to be sure of stays with what comes before, or else after."""
    parts: list[tuple[str | None, list[Word]]] = []
    for speaker, group in groupby(words, key=lambda word: word.speaker):
        run = list(group)
        moment = run[-1].end - run[0].start < _SHORTEST_PART
        if parts and (speaker in (None, parts[-1][0]) or moment):
            parts[-1][1].extend(run)
        elif parts and (parts[-1][0] is None or _length(parts[-1][1]) < _SHORTEST_PART):
            parts[-1] = (speaker, [*parts[-1][1], *run])
        else:
            parts.append((speaker, run))
    return [part for _, part in parts]


def _length(words: Words) -> float:
    return words[-1].end - words[0].start
