"""The example page in a real browser; the specification itself is clients/typescript/test/browser."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scripts.typescript import PACKAGE, environment
from tests.support.service import Service


@pytest.mark.slow
@pytest.mark.timeout(300)  # the first time, a browser is installed
def test_the_specification_holds(
    chromium: str, origins: tuple[str, str], edge: Service, short_video: Path, long_video: Path, tmp_path: Path
) -> None:
    surroundings = {
        **environment(),
        "VIDEOANNOTATOR_SERVER": edge.url,
        "VIDEOANNOTATOR_TOKEN": edge.token,
        "TEST_NATIVE_SERVER": f"http://{edge.address}",
        "TEST_SHORT_VIDEO": str(short_video),
        "TEST_LONG_VIDEO": str(long_video),
        "TEST_CHROMIUM": chromium,
        "TEST_ALLOWED_ORIGIN": origins[0],
        "TEST_OTHER_ORIGIN": origins[1],
        "TEST_SCREENSHOTS": os.environ.get("TEST_SCREENSHOTS", str(tmp_path)),
    }
    command = ["node", "--test", "--test-timeout=90000", "test/browser/page.test.ts"]
    done = subprocess.run(command, cwd=PACKAGE, env=surroundings, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
