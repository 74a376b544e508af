"""What to show of what is said: two lines at a time, those that are being spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from videoannotator.annotations import Record, Utterance
from videoannotator.drawing.active_records import ActiveRecords
from videoannotator.drawing.text import wrapped

_LINES = 2


@dataclass(frozen=True, slots=True)
class Caption:
    """Lines of text, at least one, and who says them if that is known."""

    lines: tuple[str, ...]
    speaker: str | None


class Captions:
    """Finds the captions of a time. Ask in the order of times."""

    def __init__(self, records: Iterable[Record], width: int, size: int) -> None:
        """``records``: utterances in the order of their starts; ``width`` of a line and ``size`` of its letters."""
        self._current = ActiveRecords(records, Utterance)
        self._lines = lru_cache(16)(lambda text: wrapped(text, width, size))

    def at(self, time: float) -> list[Caption]:
        """Return the captions of ``time``, in the order in which they began."""
        return [
            Caption(tuple(_shown(lines, said, time)), said.speaker)
            for said in self._current.at(time)
            if (lines := self._lines(said.text))
        ]


def without_repeats(captions: Sequence[Caption]) -> list[Caption]:
    """Leave out what two pipelines found alike; the one that knows the speaker is kept."""
    distinct = list(dict.fromkeys(captions))
    named = {caption.lines for caption in distinct if caption.speaker is not None}
    return [caption for caption in distinct if caption.speaker is not None or caption.lines not in named]


def _shown(lines: Sequence[str], said: Utterance, time: float) -> Sequence[str]:
    ends = list(accumulate(_letters(line) for line in lines))
    before = spoken(said, time, ends[-1])
    line = next((number for number, end in enumerate(ends) if before < end), len(lines) - 1)
    first = line - line % _LINES
    return lines[first : first + _LINES]


def spoken(said: Utterance, time: float, letters: int) -> int:
    """Return how many of the text's ``letters`` have been spoken before the word of ``time``."""
    if said.words:
        begun = [_letters(word.text) for word in said.words if word.start <= time]
        return letters * sum(begun[:-1]) // max(sum(_letters(word.text) for word in said.words), 1)
    part = (time - said.start) / max(said.end - said.start, 1e-9)
    return int(letters * min(max(part, 0.0), 1.0))


def _letters(text: str) -> int:
    return sum(not letter.isspace() for letter in text)
