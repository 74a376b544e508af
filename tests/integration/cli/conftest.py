"""The real command line, in a process of its own, against the real service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Service

COMMAND = (sys.executable, "-m", "videoannotator.cli.main")


@dataclass(frozen=True)
class Cli:
    """Runs commands in a directory, with the settings of one user."""

    directory: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.directory,
            env=self._environment(environment),
            capture_output=True,
            text=True,
            timeout=90,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.directory,
            env=self._environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=_heed_interrupts,
        )

    def json(self, *arguments: str) -> list[Any]:
        """Run a command that must succeed and return the JSON values it prints."""
        result = self(*arguments, "--json")
        assert result.returncode == 0, result.stdout + result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        return {**os.environ, "VIDEOANNOTATOR_CONFIG": os.devnull, **self.environment, **more}


def _heed_interrupts() -> None:
    """Undo what a shell does to programs in its background: they ignore Ctrl-C, and so do their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def cli_for(tmp_path: Path):
    """Make a command line for a service."""

    def make(service: Service) -> Cli:
        return Cli(tmp_path, {"VIDEOANNOTATOR_SERVER": service.address, "VIDEOANNOTATOR_TOKEN": service.token})

    return make


@pytest.fixture
def cli(cli_for, service: Service) -> Cli:
    """The administrator's command line."""
    return cli_for(service)


@pytest.fixture
def offline(tmp_path: Path) -> Cli:
    """A command line whose server is not there."""
    return Cli(tmp_path, {"VIDEOANNOTATOR_SERVER": "127.0.0.1:1"})
