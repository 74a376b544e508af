import subprocess
import sys
from pathlib import Path

import pytest

from videoannotator.models.store import ModelStore
from videoannotator.pipelines.audit import audit, check, import_problems
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry

PLUGIN = """
from dataclasses import replace
from pydantic import Field
from videoannotator.pipelines.config import PipelineConfig
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION

class Mute(PipelineConfig):
    loudness: float = 1.0

def spec(name, work, config=SCENE_DETECTION.config_model):
    return replace(SCENE_DETECTION, name=name, family=name, aliases=(), implementation=work, config_model=config)

crashes = spec("crashes", "broken_work:Crashes")
idle = spec("idle", "idle_work:Idle")
mute = spec("mute", "idle_work:function", Mute)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installed plugins, each with a fault of its own."""
    info = tmp_path / "plugins-1.0.dist-info"
    info.mkdir()
    (tmp_path / "faulty_plugins.py").write_text(PLUGIN)
    (tmp_path / "broken_work.py").write_text("class Crashes: pass\nimport no_such_library\n")
    (tmp_path / "idle_work.py").write_text(
        "class Idle:\n    def __init__(self, config): pass\ndef function(config, info, sessions): pass\n"
    )
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1.0\n")
    entries = "\n".join(f"{name} = faulty_plugins:{name}" for name in ("crashes", "idle", "mute"))
    (info / "entry_points.txt").write_text(f"[videoannotator.pipelines]\n{entries}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_the_pipelines_of_this_project_are_in_order() -> None:
    assert audit(ModelStore()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("site")
def test_every_fault_is_found_and_named() -> None:
    found = {finding.pipeline: finding.problem for finding in audit(ModelStore())}
    assert set(found) == {"crashes", "idle", "mute"}
    assert "no_such_library" in found["crashes"]
    assert "does not take a configuration" in found["idle"]
    assert "'loudness' has no description" in found["mute"]


@pytest.mark.usefixtures("site")
def test_missing_weights_are_found(tmp_path: Path) -> None:
    (tmp_path / "centernet.onnx").write_bytes(b"not the model")
    found = [each.pipeline for each in check(Registry.load(), Availability(ModelStore(tmp_path)))]
    assert "person_tracking" in found


def test_a_process_that_dies_condemns_all_pipelines() -> None:
    done = subprocess.run([sys.executable, "-c", "import no_such_library"], capture_output=True, check=False)
    registry = Registry.load()
    broken = import_problems(registry, done.returncode, done.stdout, done.stderr)
    assert set(broken) == set(registry.names)
    assert all("no_such_library" in problem for problem in broken.values())
