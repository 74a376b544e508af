"""Plays for the client."""

from __future__ import annotations

import os

import pytest

from tests.support.play import Play


@pytest.fixture
def play() -> Play:
    return Play()


@pytest.fixture(autouse=True)
def _no_file_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_CONFIG", os.devnull)
