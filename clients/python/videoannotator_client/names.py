"""Names as people give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Names: TypeAlias = str | Sequence[str]
"""Names in a list, or in a text, separated by commas."""


def names_in(names: Iterable[str]) -> list[str]:
    """Return names as a list, each once; every text of a list may hold several, separated by commas."""
    texts = [names] if isinstance(names, str) else names
    return list(dict.fromkeys(name for text in texts for each in text.split(",") if (name := each.strip())))
