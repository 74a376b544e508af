"""A browser, a service behind Envoy, and the example page on two origins: one that the service allows and another."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts import typescript
from tests.support.service import Service, running

PAGE = typescript.ROOT / "examples" / "typescript"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _served(directory: Path) -> Iterator[str]:
    """Serve a folder and yield its origin."""
    server = ThreadingHTTPServer(("localhost", 0), partial(_Quiet, directory=directory))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _installed() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; on a Debian machine that is ours to change, it is installed."""
    if found := _installed():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "--quiet", *command], env=environment, stdin=subprocess.DEVNULL, check=False)
    return _installed() or pytest.skip("there is no Chromium: install it, on Debian with `apt install chromium`")


@pytest.fixture(scope="session")
def origins() -> Iterator[tuple[str, str]]:
    """Serve the example page twice and return both origins: the allowed one and the other."""
    typescript.build()
    typescript.example()
    with ExitStack() as stack:
        yield stack.enter_context(_served(PAGE)), stack.enter_context(_served(PAGE))


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory, origins: tuple[str, str]) -> Iterator[Service]:
    """A server behind Envoy that allows the first origin."""
    storage = tmp_path_factory.mktemp("edge")
    settings = {
        "VIDEOANNOTATOR_REST": "true",
        "VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS": "2",
        "VIDEOANNOTATOR_ALLOWED_ORIGINS": origins[0],
    }
    with running(storage, **settings) as service:
        yield service
