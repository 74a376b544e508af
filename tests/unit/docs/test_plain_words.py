"""Comments, messages and documents are written for readers whose first language is another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("clients/python", "clients/typescript/src", "docs", "envoy", "protos", "server", "videoannotator", ".github")
SUFFIXES = (".py", ".ts", ".md", ".proto", ".lua", ".yaml", ".yml")
STILTED = re.compile(
    r"\b(whoever|nobody(?! was heard)|somebody|everybody|to be had|without more ado|at fault|for want of)\b",
    re.I,
)
"""``Nobody was heard.`` is drawn into pictures, whose bytes stay as they are."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_words_are_plain(folder: str) -> None:
    files = [
        path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES and "node_modules" not in path.parts
    ]
    lines = ((path, line) for path in files for line in path.read_text(encoding="utf-8").splitlines())
    assert [f"{path.relative_to(ROOT)}: {line.strip()}" for path, line in lines if STILTED.search(line)] == []
