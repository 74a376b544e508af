"""docs/python-client.md and the README show what runs, and forget no method."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path

import pytest
from videoannotator_client import AsyncClient, Client

from tests.support.service import Service

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "python-client.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [PAGE, README], ids=["python-client", "README"])
def test_every_block_runs_as_it_stands(
    page: str, service: Service, short_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("VIDEOANNOTATOR_SERVER", service.address)
    monkeypatch.setenv("VIDEOANNOTATOR_TOKEN", service.token)
    monkeypatch.chdir(tmp_path)
    shutil.copy(short_video, "clip.mp4")
    names: dict[str, object] = {}
    found = blocks(page)
    assert found
    for number, block in enumerate(found, 1):
        exec(compile(block, f"block {number}", "exec"), names)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_method_is_named_and_documented(kind: type):
    methods = {name for name, _ in inspect.getmembers(kind, callable) if name[0] != "_"} - {"close", "over"}
    table = PAGE[PAGE.index("## Everything") :]
    assert methods == set(re.findall(r"`([a-z_]+)`[,| ]", table))
    assert all(getattr(kind, name).__doc__ for name in methods)
