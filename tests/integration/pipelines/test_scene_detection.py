from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from videoannotator.annotations import Scene
from videoannotator.media.frame import Frame, Image
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.pipelines.scene_detection.config import SceneDetectionConfig
from videoannotator.pipelines.scene_detection.pipeline import SceneDetection
from videoannotator.testing.pictures import cuts, photograph, plain, texture
from videoannotator.testing.sources import FakeVideoSource

Detect = Callable[..., Sequence[Scene]]
LENGTHS = (40, 30, 50)


@pytest.fixture
def detect(annotate: Any) -> Detect:
    def run(images: Iterable[Image], times: Sequence[float] | None = None, **config: Any) -> Sequence[Scene]:
        pictures = list(images)
        stamps = [index / 25 for index in range(len(pictures))] if times is None else times
        source = FakeVideoSource(stamps, lambda index: pictures[index])
        scenes: Sequence[Scene] = annotate(SceneDetection, SceneDetectionConfig(**config), source)
        return scenes

    return run


def three_scenes() -> Iterable[Image]:
    return cuts([texture(1), texture(2), texture(3)], LENGTHS)


def fading() -> list[Image]:
    """Two scenes of two seconds with a second of fading through black between them: black at frame 62."""
    light = [1.0] * 50 + [abs(step) / 12 for step in range(-12, 13)] + [1.0] * 50
    still = [texture(1)] * 62 + [texture(2)] * 63
    return [(picture * share).astype(np.uint8) for picture, share in zip(still, light, strict=True)]


@pytest.mark.parametrize("detector", ["content", "adaptive", "histogram", "hash"])
def test_hard_cuts_are_found_to_the_frame(detector: str, detect: Detect) -> None:
    scenes = detect(three_scenes(), detector=detector)
    assert [scene.start_frame for scene in scenes] == [0, 40, 70]
    assert [scene.end_frame for scene in scenes] == [40, 70, 120]
    assert [scene.start for scene in scenes] == pytest.approx([0, 1.6, 2.8])


def test_a_fade_is_found_in_its_darkness(detect: Detect) -> None:
    scenes = detect(fading(), detector="fade")
    assert len(scenes) == 2
    assert scenes[1].start_frame == pytest.approx(62, abs=1)
    assert scenes[1].start == scenes[1].start_frame / 25


@pytest.mark.parametrize("detector", ["content", "adaptive", "histogram", "hash", "fade"])
def test_a_still_picture_is_one_scene(detector: str, detect: Detect) -> None:
    scenes = detect([photograph("rocket")] * 50, detector=detector)
    assert [(scene.start, scene.end, scene.start_frame, scene.end_frame) for scene in scenes] == [(0.0, 2.0, 0, 50)]


@pytest.mark.parametrize("detector", ["content", "adaptive", "histogram", "hash"])
def test_a_variable_frame_rate_does_not_move_the_cuts(detector: str, detect: Detect) -> None:
    steps = np.random.default_rng(3).uniform(0.01, 0.12, sum(LENGTHS))
    times = [float(time) for time in np.cumsum(steps)]
    scenes = detect(three_scenes(), times, detector=detector)
    assert [scene.start for scene in scenes] == [times[0], times[40], times[70]]
    assert scenes[-1].end > times[-1]


def test_scenes_have_no_gaps_and_are_in_order(detect: Detect) -> None:
    scenes = detect(cuts([texture(seed) for seed in range(6)], [26] * 6))
    assert [scene.index for scene in scenes] == list(range(6))
    for before, after in pairwise(scenes):
        assert (before.end, before.end_frame) == (after.start, after.start_frame)


@pytest.mark.parametrize("picture", [plain((0, 0, 0)), plain((255, 255, 255)), texture(1, 1, 1), texture(1, 3000, 20)])
@pytest.mark.parametrize("detector", ["content", "adaptive", "histogram", "hash", "fade"])
def test_one_frame_of_any_kind_is_one_scene(picture: Image, detector: str, detect: Detect) -> None:
    assert len(detect([picture], detector=detector)) == 1


def test_nothing_is_no_scene(sessions: Sessions) -> None:
    assert SceneDetection(SceneDetectionConfig(), _info(1.0), sessions).finish() == []


@pytest.mark.parametrize(("announced", "end"), [(5.0, 5.0), (0.0, 0.12)])
def test_the_last_scene_ends_with_the_video(announced: float, end: float, sessions: Sessions) -> None:
    pipeline = SceneDetection(SceneDetectionConfig(), _info(announced), sessions)
    for index in range(3):
        pipeline.process(Frame(index, index / 25, texture(1)))
    assert pipeline.finish()[-1].end == pytest.approx(end)


def test_the_first_frame_of_each_scene_is_worth_showing(sessions: Sessions) -> None:
    pipeline = SceneDetection(SceneDetectionConfig(), _info(4.8), sessions)
    shown = [index for index, image in enumerate(three_scenes()) if pipeline.process(Frame(index, index / 25, image))]
    assert shown == [0, 40, 70]


def _info(duration: float) -> MediaInfo:
    return MediaInfo(container="mp4", duration=duration, width=160, height=120, frame_rate=25.0, video_codec="h264")


# --- one proof for each option that it has an effect -----------------------------------------------------------------


def _detector(detect: Detect) -> None:
    assert len(detect(fading(), detector="fade")) == 2
    assert len(detect(three_scenes(), detector="fade")) == 1


def _threshold(detect: Detect) -> None:
    assert len(detect(three_scenes())) == 3
    assert len(detect(three_scenes(), threshold=200)) == 1
    assert len(detect(three_scenes(), detector="hash", threshold=1.0)) == 1
    assert len(detect(three_scenes(), detector="histogram", threshold=1.0)) == 2
    assert len(detect(fading(), detector="fade")) == 2
    assert len(detect(fading(), detector="fade", threshold=254)) == 1


def _min_scene_length(detect: Detect) -> None:
    assert [scene.start_frame for scene in detect(three_scenes(), min_scene_length=1.2)] == [0, 40, 70]
    assert [scene.start_frame for scene in detect(three_scenes(), min_scene_length=1.24)] == [0, 40]
    assert [scene.start_frame for scene in detect(three_scenes(), min_scene_length=2.0)] == [0, 70]


def _frames_per_second(detect: Detect) -> None:
    scenes = detect(cuts([texture(1), texture(2)], [42, 58]), frames_per_second=2.5)
    assert [scene.start_frame for scene in scenes] == [0, 50]
    assert scenes[-1].end_frame == 100


EFFECTS: dict[str, Callable[[Detect], None]] = {
    "detector": _detector,
    "threshold": _threshold,
    "min_scene_length": _min_scene_length,
    "frames_per_second": _frames_per_second,
}


@pytest.mark.parametrize("option", sorted(set(SceneDetectionConfig.model_fields) - {"label_scenes", "labels"}))
def test_every_option_has_an_effect(option: str, detect: Detect) -> None:
    EFFECTS[option](detect)
