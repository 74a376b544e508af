from pathlib import Path

import numpy as np
import pytest

from tests.support.toy_clip import COLOURS, write_toy_clip
from videoannotator.annotations import Scene
from videoannotator.media.frame import Frame, Image
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.scene_detection.config import SceneDetectionConfig
from videoannotator.pipelines.scene_detection.pipeline import SceneDetection
from videoannotator.testing.sources import FakeVideoSource


def coloured(channel: int) -> Image:
    image = np.zeros((90, 160, 3), np.uint8)
    image[..., channel] = 255
    return image


def detect(sessions: Sessions, **config: object) -> tuple[list[Scene], list[str]]:
    """Two seconds of red, then two of blue."""
    source = FakeVideoSource([index / 10 for index in range(40)], lambda index: coloured(0 if index < 20 else 2))
    pipeline = SceneDetection(SceneDetectionConfig(**config), source.info, sessions)
    for frame in source.frames(lambda *_: True):
        assert isinstance(frame, Frame)
        pipeline.process(frame)
    return list(pipeline.finish()), list(pipeline.warnings)


def test_scenes_are_called_what_describes_them_best(tmp_path: Path) -> None:
    write_toy_clip(tmp_path)
    scenes, warnings = detect(Sessions(ModelStore(tmp_path)), labels=COLOURS)
    assert [scene.label for scene in scenes] == ["red", "blue"]
    assert all(sum(scene.labels.values()) == pytest.approx(1) for scene in scenes)
    assert warnings == []


def test_without_the_model_there_is_a_warning_and_no_label() -> None:
    scenes, [warning] = detect(Sessions(ModelStore()))
    assert [scene.label for scene in scenes] == [None, None]
    assert "models pull clip-vit-base-patch32" in warning


def test_nobody_is_warned_who_wants_no_labels() -> None:
    assert detect(Sessions(ModelStore()), label_scenes=False)[1] == []


def test_the_old_names_of_the_options_are_understood() -> None:
    config = SceneDetectionConfig.model_validate({"enable_clip_labels": False, "scene_prompts": ["a", "b"]})
    assert (config.label_scenes, config.labels) == (False, ("a", "b"))
