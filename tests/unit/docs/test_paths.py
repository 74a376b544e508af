"""What documents say about where things are is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = (
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "glossary.md",
    *sorted((ROOT / "docs").glob("adding-*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
)
_PATH = re.compile(r"`((?:[\w.@-]+/)+[\w.*-]*)`")
_IN_A_ROOM = ("videoannotator", "server/videoannotator_server", "clients/python/videoannotator_client", ".")
"""Where a path may begin."""
_NOT_OF_THE_REPOSITORY = (
    "/api/v1/pipelines/{name}",
    "application/json",
    "build/site",
    "demo/",
    "logs/",
    "temp/",
    "uploads/<video>/data",
)


def named_paths(page: Path) -> list[str]:
    return [path for path in _PATH.findall(page.read_text(encoding="utf-8")) if path not in _NOT_OF_THE_REPOSITORY]


def exists(path: str) -> bool:
    return any(list((ROOT / room).glob(path.rstrip("/"))) for room in _IN_A_ROOM)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [path for path in named_paths(page) if not exists(path)] == []


def glossary() -> list[tuple[str, str, str]]:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [(term, meaning, place) for term, meaning, place in rows[1:]]


def test_the_glossary_is_in_the_order_of_the_alphabet() -> None:
    terms = [term.lower() for term, _, _ in glossary()]
    assert terms == sorted(set(terms))


def test_a_term_is_explained_in_a_few_sentences_and_says_where_it_lives() -> None:
    for term, meaning, place in glossary():
        assert 1 <= meaning.count(". ") + 1 <= 3, term
        assert meaning.endswith("."), term
        assert len(_PATH.findall(place)) == 1, term


def walks() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Two walks")[2]
    return re.findall(r"^\| \d+ \| `([^`]+)`: `([^`]+)` \|", text, flags=re.M)


def test_every_step_of_the_walks_exists() -> None:
    assert len(walks()) == 50
    for path, name in walks():
        module = next(ROOT / room / path for room in _IN_A_ROOM if (ROOT / room / path).is_file())
        owner, _, function = name.rpartition(".")
        body = ast.parse(module.read_text(encoding="utf-8")).body
        if owner:
            body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == owner)
        functions = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert function in functions, f"{path}: {name}"
