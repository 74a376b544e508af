"""Pages of the library: one for each package, with what the docstrings of its modules say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scripts.site.guests import ROOT

FOLDER = "reference/library"
_PACKAGE = ROOT / "videoannotator"
_GENERATED = ("v1", "rest", "migrations")


@cache
def pages() -> dict[str, str]:
    """Return the text of each page by its place on the site."""
    return {f"{FOLDER}/{_dotted(folder)}.md": _page(folder) for folder in _packages()}


def _packages() -> Iterator[Path]:
    folders = sorted(path.parent for path in _PACKAGE.rglob("__init__.py"))
    return (each for each in folders if not set(_GENERATED) & set(each.relative_to(_PACKAGE).parts))


def _page(folder: Path) -> str:
    package = _dotted(folder)
    modules = (path.stem for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_"))
    sections = [f"## {package}.{module}\n\n::: {package}.{module}\n" for module in modules]
    title = package.removeprefix("videoannotator.")  # in the navigation, where all would begin alike
    return "\n".join([f"---\ntitle: {title}\n---\n", f"# {package}\n", f"::: {package}\n", *sections])


def _dotted(folder: Path) -> str:
    return ".".join(folder.relative_to(ROOT).parts)
