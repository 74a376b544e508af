"""The picture of the rooms in docs/architecture.md, drawn from the layers that import-linter holds (pyproject.toml)."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
_BEGIN = "<!-- Rooms: drawn by `make docs` from [tool.importlinter] in pyproject.toml. -->\n"
_END = "<!-- End of the rooms. -->"
_SOURCES = {"videoannotator_server": ROOT / "server", "videoannotator_client": ROOT / "clients" / "python"}
_LAYER = re.compile(r"\s*[|:]\s*")


def page() -> Iterator[str]:
    """Yield docs/architecture.md with its picture drawn afresh."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    rooms = "\n".join(_rooms())
    yield f"{before}{_BEGIN}\n{rooms}\n{_END}{after}".rstrip("\n")


def _rooms() -> Iterator[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    for contract in config["contracts"]:
        if contract["type"] == "layers":
            yield from _floors(contract)
    yield "Held as well:\n"
    yield from (f"- {each['name']}." for each in config["contracts"] if each["type"] != "layers")
    yield ""


def _floors(contract: dict[str, Any]) -> Iterator[str]:
    """Yield one package as a picture, the highest layer first, and as a table of what is in each room."""
    container: str = contract["containers"][0]
    layers = [_LAYER.split(layer) for layer in contract["layers"]]
    yield f"**`{container}`**: {contract['name'][0].lower()}{contract['name'][1:]}.\n"
    yield from _picture(layers)
    yield "| Room | What it is for |"
    yield "|---|---|"
    for room in (room for layer in layers for room in layer):
        yield f"| `{container}.{room}` | {_purpose(container, room)} |"
    yield ""


def _picture(layers: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "```mermaid"
    yield "flowchart TD"
    for number, rooms in enumerate(layers):
        yield f'  layer{number}["{" · ".join(rooms)}"]'
    yield f"  {' --> '.join(f'layer{number}' for number in range(len(layers)))}"
    yield "```\n"


def _purpose(container: str, room: str) -> str:
    """Return the first line of a room's docstring."""
    place = _SOURCES.get(container, ROOT).joinpath(*container.split("."), room)
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.splitlines()[0].replace("|", "\\|")
