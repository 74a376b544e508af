from pathlib import Path

import pytest

from videoannotator.errors import RegistryError
from videoannotator.pipelines.registry import BUILT_IN, Registry


def install(site: Path, name: str, code: str, entries: str) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{name}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[videoannotator.pipelines]\n{entries}\n")


COPY = """
from dataclasses import replace
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION
{name} = replace(SCENE_DETECTION, name="{name}", family="{name}", aliases={aliases})
"""


def test_an_installed_plugin_is_one_of_the_pipelines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "gaze_plugin", COPY.format(name="gaze", aliases=("eyes",)), "gaze = gaze_plugin:gaze")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry.load()
    assert registry.names == (*(spec.name for spec in BUILT_IN), "gaze")
    assert registry.get("eyes").name == "gaze"


def test_the_problems_of_all_plugins_are_reported_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "bad_import", "import no_such_library", "x = bad_import:x")
    install(tmp_path, "bad_type", "x = 3", "x = bad_type:x")
    install(tmp_path, "bad_name", COPY.format(name="hands", aliases=("person",)), "x = bad_name:hands")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RegistryError) as caught:
        Registry.load()
    text = str(caught.value)
    for part in ("no_such_library", "expected a PipelineSpec, got int", "'person' belongs to both"):
        assert part in text
    assert len(caught.value.detail["problems"]) == 3
