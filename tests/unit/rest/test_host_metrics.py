"""Facts about the machine, also where it has a graphics processor."""

from __future__ import annotations

from pathlib import Path

import pytest
from videoannotator_server.rest.host_metrics import Gpu, disk_in_gb, gpus


def driver(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = directory / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=":")


def test_the_driver_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, monkeypatch, "echo 'NVIDIA RTX A4000, 16376, 512, 15864, 570.1'; echo garbage")
    assert gpus() == [Gpu("NVIDIA RTX A4000", 16376, 512, 15864, "570.1")]


@pytest.mark.parametrize("script", ["exit 9", "echo 'a, b, c, d, e'", ":"])
def test_a_driver_that_does_not_answer_is_no_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    driver(tmp_path, monkeypatch, script)
    assert gpus() == []


def test_a_disk_is_as_large_as_its_parts(tmp_path: Path) -> None:
    disk = disk_in_gb(tmp_path)
    assert 0 < disk["free_gb"] <= disk["total_gb"]
