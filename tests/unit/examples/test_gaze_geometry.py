"""The geometry of examples/gaze_plugin: a head that is turned by known angles."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PLUGIN = Path(__file__).resolve().parents[3] / "examples" / "gaze_plugin"
HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.575, 0.45], [-0.4, 1.15, 0], [0.4, 1.15, 0]])
"""Eyes, nose and corners of the mouth of an average head: x, y and depth in distances between the eyes."""


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    # Tests of plugins install one of the same name from a folder of their own.
    for name in [name for name in sys.modules if name.split(".")[0] == "gaze_plugin"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(PLUGIN))
    import gaze_plugin.pipeline

    yield gaze_plugin.pipeline
    for name in [name for name in sys.modules if name.split(".")[0] == "gaze_plugin"]:
        del sys.modules[name]


def seen(yaw: float, pitch: float) -> np.ndarray:
    """Return the points of a head that is turned to the right and up by angles in degrees; 50 pixels a unit."""
    a, b = np.radians([yaw, -pitch])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    return (HEAD @ (turn @ nod).T)[:, :2] * 50


@pytest.mark.parametrize("yaw", [-40, -20, 0, 20, 40])
@pytest.mark.parametrize("pitch", [-20, 0, 20])
def test_known_angles_are_found(yaw: float, pitch: float, pipeline: ModuleType) -> None:
    _, (x, y, z) = pipeline.gaze_of(seen(yaw, pitch))
    assert np.degrees(np.arctan2(x, z)) == pytest.approx(yaw, abs=3)
    assert np.degrees(-np.arcsin(y)) == pytest.approx(pitch, abs=3)


def test_directions_have_names(pipeline: ModuleType) -> None:
    named = [pipeline.target_of(*angles, 15) for angles in [(3, -9), (30, 5), (-30, 20), (5, 20), (0, -20)]]
    assert named == ["ahead", "right", "left", "up", "down"]
