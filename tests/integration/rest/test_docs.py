"""The pages that show REST and gRPC by hand are run, block by block, as one reads them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rest import Rest

PROJECT = Path(__file__).parents[3]


def blocks(page: str) -> list[str]:
    """Return the shell blocks of a page."""
    return re.findall(r"```sh\n(.*?)```", (PROJECT / page).read_text(), re.DOTALL)


def run_page(page: str, directory: Path, **variables: str) -> None:
    """Run all blocks in one shell, each announced, so that a failure names the block."""
    script = ["set -eo pipefail"]
    for number, block in enumerate(blocks(page), 1):
        script += [f"echo '--- block {number} of {page}' >&2", block]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=directory,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout[-2000:]


@pytest.mark.parametrize("page", ["README.md", "docs/rest.md"])
def test_the_pages_of_rest(rest: Rest, short_video: Path, tmp_path: Path, page: str) -> None:
    run_page(page, tmp_path, URL=rest.url, TOKEN=rest.token, VIDEO=str(short_video))


@pytest.mark.skipif(
    not (Path(sys.executable).parent / "grpcurl").exists() and shutil.which("grpcurl") is None,
    reason="there is no grpcurl for this platform",
)
@pytest.mark.parametrize("way", ["straight", "through Envoy"])
def test_the_grpc_page(rest: Rest, rest_service: object, short_video: Path, tmp_path: Path, way: str) -> None:
    address = rest.url.removeprefix("http://") if way == "through Envoy" else rest_service.address  # type: ignore[attr-defined]
    run_page("docs/grpc.md", tmp_path, ADDRESS=address, TOKEN=rest.token, VIDEO=str(short_video))
