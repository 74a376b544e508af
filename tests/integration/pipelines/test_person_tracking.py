from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from videoannotator.annotations import COCO_KEYPOINTS, BoundingBox, PersonObservation
from videoannotator.media.frame import Frame
from videoannotator.models.sessions import Sessions
from videoannotator.pipelines.person_tracking.config import PersonTrackingConfig
from videoannotator.pipelines.person_tracking.pipeline import PersonTracking
from videoannotator.testing.demo_clip import PEOPLE_FRAMES, people
from videoannotator.testing.pictures import moving, photograph, texture

Run = Callable[..., Sequence[PersonObservation]]


@pytest.fixture
def track(annotate: Any) -> Run:
    def run(frames: Sequence[Frame], **config: Any) -> Sequence[PersonObservation]:
        settings = {"frames_per_second": None, **config}
        found: Sequence[PersonObservation] = annotate(PersonTracking, PersonTrackingConfig(**settings), frames)
        return found

    return run


@pytest.fixture(scope="module")
def pair(demo_frames: list[Frame]) -> list[Frame]:
    """Eight frames with two people."""
    return demo_frames[:8]


def overlap(first: BoundingBox, second: BoundingBox) -> float:
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    common = max(width, 0.0) * max(height, 0.0)
    return common / (first.width * first.height + second.width * second.height - common)


def by_frame(found: Sequence[PersonObservation]) -> dict[int, list[PersonObservation]]:
    frames = defaultdict(list)
    for person in found:
        frames[person.frame].append(person)
    return frames


def test_two_people_are_found_and_keep_their_ids(demo_frames: list[Frame], sessions: Sessions, annotate: Any) -> None:
    pipeline = PersonTracking(PersonTrackingConfig(), _info(), sessions)
    for frame in demo_frames:
        pipeline.process(frame)
    found = by_frame(pipeline.finish())
    shown = [frame.index for frame in demo_frames if frame.index < PEOPLE_FRAMES]
    for person in people():
        detections = [entry for index in shown for entry in found[index] if overlap(entry.box, person.box(index)) > 0.5]
        recall = len({entry.frame for entry in detections}) / len(shown)
        assert recall >= 0.9
        assert len({entry.track_id for entry in detections}) == 1
    ids = {entry.track_id for entries in found.values() for entry in entries if entry.frame < PEOPLE_FRAMES}
    assert ids == {1, 2}
    assert not [entry for index, entries in found.items() if index >= PEOPLE_FRAMES for entry in entries]


def test_a_moving_photograph_is_one_person_on_its_known_path(track: Run) -> None:
    subject = cv2.resize(photograph("astronaut"), (420, 420), interpolation=cv2.INTER_AREA)
    background = np.full((480, 854, 3), 128, np.uint8)
    images = moving(subject, background, lambda index: (10 + 12 * index, 60), 30)
    found = track([Frame(index, index / 10, image) for index, image in enumerate(images)])
    truth = [BoundingBox(10 + 12 * index + 16, 60 + 11, 280, 409) for index in range(30)]
    hits = [person for person in found if overlap(person.box, truth[person.frame]) > 0.5]
    assert len({person.frame for person in hits}) / 30 >= 0.9
    assert {person.track_id for person in hits} == {1}


def test_the_face_lies_in_the_face(pair: list[Frame], track: Run) -> None:
    astronaut = people()[0]
    person = min(track(pair[:1]), key=lambda entry: entry.box.x)
    box = astronaut.box(0)
    named = dict(zip(COCO_KEYPOINTS, person.keypoints, strict=True))
    for joint in ("nose", "left_eye", "right_eye"):
        point = named[joint]
        assert point.score > 0
        assert box.x + 0.35 * box.width < point.x < box.x + 0.8 * box.width
        assert box.y < point.y < box.y + 0.3 * box.height
    assert named["left_eye"].x > named["right_eye"].x


def test_unseen_joints_are_zero_and_all_others_lie_in_the_picture(pair: list[Frame], track: Run) -> None:
    joints = [joint for person in track(pair) for joint in person.keypoints]
    assert all((joint.x, joint.y) == (0, 0) for joint in joints if joint.score == 0)
    assert all(0 <= joint.x <= 854 and 0 <= joint.y <= 480 for joint in joints)
    assert any(joint.score == 0 for joint in joints)


def test_times_are_those_of_the_frames(pair: list[Frame], track: Run) -> None:
    uneven = [0.0, 0.2, 0.25, 0.7, 0.9, 1.5, 1.51, 2.0]
    shifted = [Frame(frame.index, time, frame.image) for frame, time in zip(pair, uneven, strict=True)]
    assert sorted({person.time for person in track(shifted)}) == uneven


def test_an_empty_picture_has_nobody_in_it(sessions: Sessions) -> None:
    pipeline = PersonTracking(PersonTrackingConfig(), _info(), sessions)
    pipeline.process(Frame(0, 0.0, np.full((480, 640, 3), 127, np.uint8)))
    assert len(pipeline.finish()) == 0
    assert pipeline.warnings == ("No person was found in this video.",)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (2160, 3840)])
def test_any_size_of_picture_is_looked_at(size: tuple[int, int], sessions: Sessions) -> None:
    pipeline = PersonTracking(PersonTrackingConfig(), _info(), sessions)
    pipeline.process(Frame(0, 0.0, texture(1, size[1], size[0])))
    assert {person.frame for person in pipeline.finish()} <= {0}


def _info() -> Any:
    from videoannotator.media.info import MediaInfo

    return MediaInfo(container="mp4", duration=12.0, width=854, height=480, frame_rate=25.0, video_codec="h264")


# --- one proof for each option that it has an effect -----------------------------------------------------------------


def _frames_per_second(track: Run, pair: list[Frame]) -> None:
    assert len(by_frame(track(pair))) == 8
    assert len(by_frame(track(pair, frames_per_second=2.5))) == 4


def _confidence_threshold(track: Run, pair: list[Frame]) -> None:
    assert all(person.score >= 0.6 for person in track(pair, confidence_threshold=0.6))
    assert len(track(pair, confidence_threshold=0.05)) > len(track(pair)) > len(track(pair, confidence_threshold=0.65))


def _iou_threshold(track: Run, pair: list[Frame]) -> None:
    def found(threshold: float) -> int:
        return len(track(pair, confidence_threshold=0.05, iou_threshold=threshold, pose=False))

    assert found(1.0) > found(0.5) > found(0.0)


def _max_persons(track: Run, pair: list[Frame]) -> None:
    assert Counter(person.frame for person in track(pair, max_persons=1)) == dict.fromkeys(range(8), 1)


def _tracking(track: Run, pair: list[Frame]) -> None:
    assert {person.track_id for person in track(pair, tracking=False)} == {None}


def _min_track_frames(track: Run, pair: list[Frame]) -> None:
    assert {person.track_id for person in track(pair, min_track_frames=8)} == {1, 2}
    assert {person.track_id for person in track(pair, min_track_frames=9)} == {None}


def _lost_track_seconds(track: Run, pair: list[Frame]) -> None:
    gone = [Frame(frame.index, frame.time, np.full_like(frame.image, 127)) for frame in pair[2:6]]
    frames = [*pair[:2], *gone, *pair[6:]]
    assert {person.track_id for person in track(frames, lost_track_seconds=3.0)} == {1, 2}
    assert {person.track_id for person in track(frames, lost_track_seconds=0.3)} == {1, 2, 3, 4}


def _pose(track: Run, pair: list[Frame]) -> None:
    assert all(len(person.keypoints) == 17 for person in track(pair))
    assert all(person.keypoints == () for person in track(pair, pose=False))


def _keypoint_threshold(track: Run, pair: list[Frame]) -> None:
    def seen(threshold: float) -> int:
        found = track(pair, keypoint_threshold=threshold)
        return sum(joint.score > 0 for person in found for joint in person.keypoints)

    assert seen(0.0) > seen(0.3) > seen(0.6)


EFFECTS: dict[str, Callable[[Run, list[Frame]], None]] = {
    "frames_per_second": _frames_per_second,
    "confidence_threshold": _confidence_threshold,
    "iou_threshold": _iou_threshold,
    "max_persons": _max_persons,
    "tracking": _tracking,
    "min_track_frames": _min_track_frames,
    "lost_track_seconds": _lost_track_seconds,
    "pose": _pose,
    "keypoint_threshold": _keypoint_threshold,
}


@pytest.mark.parametrize("option", list(PersonTrackingConfig.model_fields))
def test_every_option_has_an_effect(option: str, track: Run, pair: list[Frame]) -> None:
    EFFECTS[option](track, pair)
