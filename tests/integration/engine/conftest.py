from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import pytest

from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.media.frame import Image
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.outcome import Outcome, RunOutcome
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.validation import validate_config
from videoannotator.testing.pictures import moving, photograph
from videoannotator.testing.videos import write_video

PLUGIN = """
from videoannotator.annotations import Scene
from videoannotator.pipelines.config import PipelineConfig
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec

class Config(PipelineConfig):
    pass

def spec(name, needs=("video",)):
    return PipelineSpec(
        name=name, display_name=name, description=name, family=name, variant="test",
        config_model=Config, records=(Scene,),
        outputs=(OutputSpec("coco", ("nothing",), "application/json"),), modalities=needs,
        implementation=f"trouble_at_work:{name.title()}",
    )

breaks, refuses, exhausts, listens = spec("breaks"), spec("refuses"), spec("exhausts"), spec("listens", ("audio",))
"""
WORK = """
from videoannotator.errors import MediaLimitError

class Breaks:
    rate, warnings, seen = None, (), 0
    def __init__(self, config, info, models):
        pass
    def process(self, frame):
        self.seen += 1
        if self.seen > 7:
            raise ZeroDivisionError("a secret path: /home/someone")
        return False
    def finish(self):
        return []

class Refuses(Breaks):
    def process(self, frame):
        raise MediaLimitError("too many pixels for me")

class Exhausts(Breaks):
    def process(self, frame):
        raise MemoryError

class Listens:
    warnings = ()
    def __init__(self, config, info, models):
        pass
    def process(self, audio, heard):
        for tenth in range(10):
            heard(audio.duration * tenth / 10)
    def finish(self):
        return []
"""


@dataclass
class Recorder:
    """Remembers what an engine tells."""

    stages: list[str] = field(default_factory=list)
    progressed: dict[str, tuple[int, int, int | None]] = field(default_factory=dict)
    ended: list[RunOutcome] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    on_progress: Callable[[], None] = lambda: None

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        self.progressed[pipeline] = (done, failed, total)
        self.on_progress()

    def finished(self, run: RunOutcome) -> None:
        self.ended.append(run)

    def log(self, level: str, message: str) -> None:
        self.messages.append(f"{level}: {message}")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    return Sessions(ModelStore())


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of an astronaut who moves, then a cut to a cup of coffee for a second."""
    return write_video(tmp_path_factory.mktemp("clip") / "video.mp4", _images())


def _images() -> Iterator[Image]:
    astronaut = cv2.resize(photograph("astronaut"), (340, 340), interpolation=cv2.INTER_AREA)
    coffee = cv2.resize(photograph("coffee"), (640, 360), interpolation=cv2.INTER_AREA)
    yield from moving(astronaut, np.full((360, 640, 3), 128, np.uint8), lambda index: (20 + 4 * index, 20), 50)
    yield from (coffee for _ in range(25))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The built-in pipelines and an installed plugin with pipelines that get into trouble."""
    site = tmp_path / "site"
    info = site / "trouble-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "trouble.py").write_text(PLUGIN)
    (site / "trouble_at_work.py").write_text(WORK)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n")
    names = ("breaks", "refuses", "exhausts", "listens")
    entries = "\n".join(f"{name} = trouble:{name}" for name in names)
    (info / "entry_points.txt").write_text(f"[videoannotator.pipelines]\n{entries}\n")
    monkeypatch.syspath_prepend(str(site))
    for module in ("trouble", "trouble_at_work"):
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
    return Registry.load()


@pytest.fixture
def annotate(registry: Registry, sessions: Sessions, recorder: Recorder, tmp_path: Path) -> Callable[..., Outcome]:
    """Run an engine on a video; files go to ``results``."""

    def run(video: Path, *pipelines: str, **options: Any) -> Outcome:
        config = {"person": {"fps": 5}, "face": {"fps": 5}, **options.pop("config", {})}
        validated = validate_config(registry, pipelines, config)
        cancelled = options.pop("cancelled", Event())
        observer = options.pop("observer", recorder)
        engine = Engine(registry, options.pop("sessions", sessions), clock=lambda: datetime(2025, 3, 1, tzinfo=UTC))
        options.setdefault("directory", tmp_path / "results")
        request = AnnotationRequest(video, validated.pipelines, validated.config, **options)
        return engine.annotate(request, observer, cancelled)

    return run
