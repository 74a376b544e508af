"""How far a result is from the truth."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from videoannotator.annotations import BoundingBox

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Return the part of the words of ``reference`` that ``hypothesis`` has wrong, not at all, or too many.

    Case and punctuation do not count. 0 is perfect; there is no upper limit.

    Raises:
        ValueError: ``reference`` has no words.
    """
    truth, words = _words(reference), _words(hypothesis)
    if not truth:
        raise ValueError("The reference has no words.")
    return _edits(truth, words) / len(truth)


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _edits(truth: Sequence[str], words: Sequence[str]) -> int:
    """Return the least number of words to replace, drop or add (Levenshtein)."""
    row = list(range(len(words) + 1))
    for index, wanted in enumerate(truth, 1):
        diagonal, row[0] = row[0], index
        for position, word in enumerate(words, 1):
            diagonal, row[position] = (
                row[position],
                min(row[position] + 1, row[position - 1] + 1, diagonal + (wanted != word)),
            )
    return row[-1]


def overlap(first: BoundingBox, second: BoundingBox) -> float:
    """Return the intersection over union of two boxes, 0..1."""
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    common = max(width, 0.0) * max(height, 0.0)
    union = first.width * first.height + second.width * second.height - common
    return common / union if union > 0 else 0.0


@dataclass
class TrackingScore:
    """How well known persons or faces were found and followed."""

    there: int = 0
    """Boxes that are there, over all frames."""
    found: int = 0
    """Those of them that were found."""
    seen: int = 0
    """Boxes that were found, right or wrong."""
    switches: int = 0
    """How often an identity became another one."""
    _names: dict[str, int] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        """Part of what is there that was found."""
        return self.found / self.there if self.there else 1.0

    @property
    def precision(self) -> float:
        """Part of what was found that is there."""
        return self.found / self.seen if self.seen else 1.0

    def add(
        self, truth: Mapping[str, BoundingBox], seen: Sequence[tuple[BoundingBox, int | None]], least: float = 0.5
    ) -> None:
        """Compare a frame. ``truth``: each box under the name of whose it is; ``seen``: boxes and track ids.

        A box is found if one of ``seen`` overlaps it by ``least`` and no other of ``truth`` more.
        """
        self.there += len(truth)
        self.seen += len(seen)
        pairs = [
            (overlap(box, other), name, number) for name, box in truth.items() for number, (other, _) in enumerate(seen)
        ]
        names: set[str] = set()
        numbers: set[int] = set()
        for common, name, number in sorted(pairs, reverse=True):
            if common >= least and name not in names and number not in numbers:
                names.add(name)
                numbers.add(number)
                self.found += 1
                self._call(name, seen[number][1])

    def _call(self, name: str, track_id: int | None) -> None:
        if track_id is not None:
            self.switches += self._names.get(name, track_id) != track_id
            self._names[name] = track_id
