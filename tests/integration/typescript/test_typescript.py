"""The TypeScript client under Node against the real service; the specification itself is clients/typescript/test."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.typescript import PACKAGE, environment
from tests.support.service import Service

FILES = sorted(path.name for path in PACKAGE.glob("test/*.test.ts"))


@pytest.mark.slow
@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("name", FILES)
def test_the_specification_holds(name: str, edge: Service, short_video: Path, long_video: Path) -> None:
    surroundings = {
        **environment(),
        "VIDEOANNOTATOR_SERVER": edge.url,
        "VIDEOANNOTATOR_TOKEN": edge.token,
        "TEST_NATIVE_SERVER": f"http://{edge.address}",
        "TEST_SHORT_VIDEO": str(short_video),
        "TEST_LONG_VIDEO": str(long_video),
    }
    command = ["node", "--test", "--test-timeout=60000", f"test/{name}"]
    done = subprocess.run(command, cwd=PACKAGE, env=surroundings, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_specification() -> None:
    assert len(FILES) >= 4
