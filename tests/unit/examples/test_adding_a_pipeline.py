"""docs/adding-a-pipeline.md shows what examples/gaze_plugin holds."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "adding-a-pipeline.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "examples" / "gaze_plugin").rglob("*.[pt][yo]*")
PLUGIN = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
BLOCKS = re.findall(r"```(?:python|toml)\n(.*?)```", PAGE, re.DOTALL)
SHORTENED = re.compile(r"\s*\.\.\..*| {2,}# .*")
"""What stands for the body of a function, and remarks."""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[0])
def test_the_page_shows_lines_of_the_example(block: str) -> None:
    lines = [SHORTENED.sub("", line).strip() for line in block.splitlines() if line.strip()]
    assert len(lines) > 3
    assert [line for line in lines if line.replace('("gaze_direction",)', "_TYPES") not in PLUGIN] == []
