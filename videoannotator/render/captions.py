"""What to show of what is said: two lines at a time, those that are being spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from videoannotator.annotations import Record, Utterance
from videoannotator.formats.lettering import wrapped
from videoannotator.render.current import Current

_LINES = 2


@dataclass(frozen=True, slots=True)
class Caption:
    """Lines of text, at least one, and who says them if that is known."""

    lines: Sequence[str]
    speaker: str | None


class Captions:
    """Finds the captions of a time. Ask in the order of times."""

    def __init__(self, records: Iterable[Record], width: int, size: int) -> None:
        """``records``: utterances in the order of their starts; ``width`` of a line and ``size`` of its letters."""
        self._current = Current(records, Utterance)
        self._lines = lru_cache(16)(lambda text: wrapped(text, width, size))

    def at(self, time: float) -> list[Caption]:
        """Return the captions of ``time``, in the order in which they began."""
        return [
            Caption(_shown(lines, spoken_part(said, time)), said.speaker)
            for said in self._current.at(time)
            if (lines := self._lines(said.text))
        ]


def spoken_part(said: Utterance, time: float) -> float:
    """Return which part of its letters has been spoken before the word of ``time``, 0..1."""
    if said.words:
        begun = [len(word.text) for word in said.words if word.start <= time]
        return sum(begun[:-1]) / max(sum(len(word.text) for word in said.words), 1)
    return min(max((time - said.start) / max(said.end - said.start, 1e-9), 0.0), 1.0)


def _shown(lines: Sequence[str], part: float) -> Sequence[str]:
    ends = list(accumulate(len(line) for line in lines))
    line = next((number for number, end in enumerate(ends) if part * ends[-1] < end), len(lines) - 1)
    first = line - line % _LINES
    return lines[first : first + _LINES]
