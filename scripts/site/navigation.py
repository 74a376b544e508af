"""The navigation in mkdocs.yml, whose entries may be patterns: `adding-*.md` stands for every page of that name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


def written(docs: Path) -> list[str]:
    """Return the pages that lie in the folder of the documentation."""
    return sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))


def expand(entries: Sequence[Any], pages: Sequence[str]) -> list[Any]:
    """Return the navigation with its patterns replaced by the pages that fit them, in order of name."""
    return [each for entry in entries for each in _expanded(entry, pages)]


def _expanded(entry: Any, pages: Sequence[str]) -> Iterator[Any]:
    if isinstance(entry, dict):
        yield {title: expand(below, pages) if isinstance(below, list) else below for title, below in entry.items()}
    elif "*" in entry:
        yield from (page for page in sorted(pages, key=_name) if fnmatchcase(page, entry))
    else:
        yield entry


def _name(page: str) -> str:
    """Return what a page is sorted by: `a.md` comes before `a.b.md`."""
    return page.removesuffix(".md")
