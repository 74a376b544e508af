"""How far a result is from the truth."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def word_error_rate(reference: str, heard: str) -> float:
    """Return the part of the words of ``reference`` that ``heard`` has wrong, not at all, or too many.

    Case and punctuation do not count. 0 is perfect; there is no upper limit. Raises ValueError without a reference.
    """
    truth, words = _words(reference), _words(heard)
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
