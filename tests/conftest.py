"""Fixtures that every kind of test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videoannotator.settings import Settings, setting_names


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Settings of the developer's shell must not change what tests see."""
    for field in Settings.model_fields:
        for name in setting_names(field):
            monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.startswith("VIDEOANNOTATOR_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def short_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of two scenes: a job on it takes a moment."""
    from videoannotator.testing.pictures import cuts, texture
    from videoannotator.testing.videos import write_video

    path = tmp_path_factory.mktemp("media") / "short.mp4"
    return write_video(path, cuts([texture(1), texture(2)], [25, 25]))


@pytest.fixture(scope="session")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute with a person in it: tracking every frame takes long enough to be cancelled or killed."""
    from videoannotator.testing.pictures import moving, photograph, texture
    from videoannotator.testing.videos import write_video

    frames = moving(photograph("astronaut"), texture(3, 640, 512), lambda n: (n % 100, 0), 1500)
    return write_video(tmp_path_factory.mktemp("media") / "long.mp4", frames)
