from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from videoannotator.annotations import Record
from videoannotator.media.fan_out import Subscription, fan_out
from videoannotator.media.frame import Frame
from videoannotator.media.source import open_video
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.testing.demo_clip import write_demo_clip
from videoannotator.testing.sources import FakeVideoSource

Annotate = Callable[..., Sequence[Record]]


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    return Sessions(ModelStore())


@pytest.fixture(scope="session")
def demo_frames(tmp_path_factory: pytest.TempPathFactory) -> list[Frame]:
    """Every fifth frame of the demo clip; index and time are those of the clip."""
    path: Path = write_demo_clip(tmp_path_factory.mktemp("demo") / "demo.mp4")
    with open_video(path) as source:
        return [item for item in source.frames(lambda index, _: index % 5 == 0) if isinstance(item, Frame)]


@pytest.fixture
def annotate(sessions: Sessions) -> Annotate:
    """Run a pipeline over frames, sampled at the rate it asks for; frames are numbered anew."""

    def run(pipeline: Any, config: Any, frames: Sequence[Frame] | FakeVideoSource) -> Sequence[Record]:
        source = frames if isinstance(frames, FakeVideoSource) else FakeVideoSource.of(frames)
        running = pipeline(config, source.info, sessions)
        subscription = Subscription("pipeline", running.rate, running.process)
        delivery = fan_out(source, [subscription], cancelled=Event(), progress=lambda *_: None)["pipeline"]
        if delivery.error is not None:
            raise delivery.error
        return running.finish()

    return run
