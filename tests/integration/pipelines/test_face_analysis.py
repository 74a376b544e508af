from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from videoannotator.annotations import FACE_LANDMARKS, BoundingBox, FaceObservation
from videoannotator.emotions import EMOTIONS
from videoannotator.media.frame import Frame, Image
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.pipeline import FaceAnalysis
from videoannotator.testing.pictures import moving, photograph, texture

Run = Callable[..., Sequence[FaceObservation]]

ASTRONAUT = BoundingBox(182, 62, 88, 116)
"""Her face in the photograph, from hairline to chin, measured by hand."""
INFO = MediaInfo(container="mp4", duration=12.0, width=854, height=480, frame_rate=25.0, video_codec="h264")


@pytest.fixture
def faces(annotate: Any) -> Run:
    def run(frames: Sequence[Frame], **config: Any) -> Sequence[FaceObservation]:
        settings = {"frames_per_second": None, **config}
        found: Sequence[FaceObservation] = annotate(FaceAnalysis, FaceAnalysisConfig(**settings), frames)
        return found

    return run


@pytest.fixture(scope="module")
def pair() -> list[Frame]:
    """Eight frames with the faces of an astronaut, who moves, and of a smaller one of her, who does not."""
    small = cv2.resize(photograph("astronaut"), (256, 256), interpolation=cv2.INTER_AREA)
    background = np.full((512, 900, 3), 128, np.uint8)
    background[100:356, 600:856] = small
    images = moving(photograph("astronaut"), background, lambda index: (10 * index, 0), 8)
    return [Frame(index, index / 10, image) for index, image in enumerate(images)]


def still(image: Image, count: int = 2) -> list[Frame]:
    return [Frame(index, index / 10, image) for index in range(count)]


def overlap(first: BoundingBox, second: BoundingBox) -> float:
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    common = max(width, 0.0) * max(height, 0.0)
    return common / (first.width * first.height + second.width * second.height - common)


def by_frame(found: Sequence[FaceObservation]) -> dict[int, list[FaceObservation]]:
    frames = defaultdict(list)
    for face in found:
        frames[face.frame].append(face)
    return frames


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_a_moving_face_is_found_on_its_known_path_under_one_id(scale: float, faces: Run) -> None:
    subject = cv2.resize(photograph("astronaut"), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    background = np.full((round(512 * scale), round(900 * scale), 3), 128, np.uint8)
    step = round(10 * scale)
    images = moving(subject, background, lambda index: (step * index, 0), 20)
    found = faces([Frame(index, index / 10, image) for index, image in enumerate(images)])
    at_home = [value * scale for value in (ASTRONAUT.x, ASTRONAUT.y, ASTRONAUT.width, ASTRONAUT.height)]
    truth = [BoundingBox(at_home[0] + step * index, *at_home[1:]) for index in range(20)]
    hits = [face for face in found if overlap(face.box, truth[face.frame]) > 0.5]
    assert len({face.frame for face in hits}) / 20 >= 0.9
    assert {face.track_id for face in found} == {1}


def test_two_faces_keep_their_ids(pair: list[Frame], faces: Run) -> None:
    found = faces(pair)
    assert Counter(face.track_id for face in found) == {1: 8, 2: 8}
    for track in (1, 2):
        boxes = [face.box for face in found if face.track_id == track]
        assert all(overlap(one, other) > 0.5 for one, other in pairwise(boxes))


def test_an_astronaut_who_smiles_is_happy(faces: Run) -> None:
    for face in faces(still(photograph("astronaut"))):
        assert face.emotion == "happy"
        assert face.emotions is not None
        assert tuple(face.emotions) == EMOTIONS
        assert sum(face.emotions.values()) == pytest.approx(1, abs=1e-5)


def test_age_and_gender_are_at_least_possible(faces: Run) -> None:
    face = faces(still(photograph("astronaut")))[0]
    assert face.age is not None
    assert 20 < face.age < 60
    assert face.gender is not None
    assert face.gender.label == "female"
    assert 0.5 <= face.gender.score <= 1


def test_the_points_of_a_face_are_where_they_belong(faces: Run) -> None:
    face = faces(still(photograph("astronaut")))[0]
    points = dict(zip(FACE_LANDMARKS, face.landmarks, strict=True))
    # Measured by hand in the photograph; the person's right is the viewer's left.
    truth = {
        "right_eye": (203, 102), "left_eye": (247, 104), "nose": (223, 124), "right_mouth_corner": (204, 142),
        "left_mouth_corner": (242, 144),
    }  # fmt: skip
    for name, place in truth.items():
        assert points[name] == pytest.approx(place, abs=8)


def test_points_and_boxes_are_in_pixels_of_a_large_picture(faces: Run) -> None:
    """A picture that has to be made smaller for the net gives the same face, four times as large, give or take."""
    large = cv2.resize(photograph("astronaut"), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    one, four = faces(still(photograph("astronaut")))[0], faces(still(large))[0]
    scaled = BoundingBox(4 * one.box.x, 4 * one.box.y, 4 * one.box.width, 4 * one.box.height)
    assert overlap(scaled, four.box) > 0.7
    for near, far in zip(one.landmarks, four.landmarks, strict=True):
        assert (4 * near[0], 4 * near[1]) == pytest.approx(far, abs=16)


def test_embeddings_are_alike_for_the_same_face_only(pair: list[Frame], faces: Run) -> None:
    camera = np.repeat(_photographer()[:, :, None], 3, axis=2)
    found = faces(pair[:2], embeddings=True)
    [other, *_] = faces(still(camera), embeddings=True)
    vectors = [np.asarray(face.embedding) for face in (*found, other)]
    assert all(len(vector) == 1024 for vector in vectors)
    assert [float(np.linalg.norm(vector)) for vector in vectors] == pytest.approx([1.0] * len(vectors), abs=1e-5)
    same = min(float(one @ two) for one, two in pairwise(vectors[:-1]))
    assert same > float(vectors[0] @ vectors[-1]) + 0.1


def _photographer() -> Any:
    from skimage import data

    return np.asarray(data.camera(), np.uint8)


def test_times_are_those_of_the_frames(pair: list[Frame], faces: Run) -> None:
    uneven = [0.0, 0.2, 0.25, 0.7, 0.9, 1.5, 1.51, 2.0]
    shifted = [Frame(frame.index, time, frame.image) for frame, time in zip(pair, uneven, strict=True)]
    assert sorted({face.time for face in faces(shifted)}) == uneven


def test_the_same_frames_give_the_same_faces(pair: list[Frame], faces: Run) -> None:
    first, second = (faces(pair[:3], embeddings=True) for _ in range(2))
    assert list(first) == list(second)


@pytest.mark.parametrize("picture", [np.full((480, 640, 3), 127, np.uint8), photograph("coffee"), photograph("rocket")])
def test_where_there_is_no_face_none_is_found(picture: Image, sessions: Sessions) -> None:
    pipeline = FaceAnalysis(FaceAnalysisConfig(), INFO, sessions)
    pipeline.process(Frame(0, 0.0, picture))
    assert len(pipeline.finish()) == 0
    assert pipeline.warnings == ("No face was found in this video.",)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (3000, 10), (2160, 3840)])
def test_any_size_of_picture_is_looked_at(size: tuple[int, int], sessions: Sessions) -> None:
    pipeline = FaceAnalysis(FaceAnalysisConfig(confidence_threshold=0.05, min_face_size=1), INFO, sessions)
    pipeline.process(Frame(0, 0.0, texture(1, size[1], size[0])))
    for face in pipeline.finish():
        assert 0 <= face.box.x <= face.box.x + face.box.width <= size[1]
        assert 0 <= face.box.y <= face.box.y + face.box.height <= size[0]


def test_a_face_that_leaves_the_picture_is_read_too(faces: Run) -> None:
    half = photograph("astronaut")[80:, 190:]
    for face in faces(still(np.ascontiguousarray(half)), confidence_threshold=0.2):
        assert (face.box.x, face.box.y) >= (0, 0)
        assert sum((face.emotions or {}).values()) == pytest.approx(1, abs=1e-5)


# --- one proof for each option that it has an effect -----------------------------------------------------------------


def _frames_per_second(faces: Run, pair: list[Frame]) -> None:
    assert len(by_frame(faces(pair))) == 8
    assert len(by_frame(faces(pair, frames_per_second=5))) == 4


def _confidence_threshold(faces: Run, pair: list[Frame]) -> None:
    scores = sorted(face.score for face in faces(pair))
    middle = (scores[7] + scores[8]) / 2
    assert [face.score for face in faces(pair, confidence_threshold=middle)] == [
        face.score for face in faces(pair) if face.score >= middle
    ]


def _iou_threshold(faces: Run, pair: list[Frame]) -> None:
    def found(threshold: float) -> int:
        return len(faces(pair[:1], iou_threshold=threshold, max_faces=100))

    assert found(1.0) > found(0.8) > found(0.3) == 2


def _min_face_size(faces: Run, pair: list[Frame]) -> None:
    assert len(faces(pair, min_face_size=40)) == 16
    assert len(faces(pair, min_face_size=60)) == 8
    assert len(faces(pair, min_face_size=120)) == 0


def _max_faces(faces: Run, pair: list[Frame]) -> None:
    assert Counter(face.frame for face in faces(pair, max_faces=1)) == dict.fromkeys(range(8), 1)


def _tracking(faces: Run, pair: list[Frame]) -> None:
    assert {face.track_id for face in faces(pair, tracking=False)} == {None}


def _min_track_frames(faces: Run, pair: list[Frame]) -> None:
    assert {face.track_id for face in faces(pair, min_track_frames=8)} == {1, 2}
    assert {face.track_id for face in faces(pair, min_track_frames=9)} == {None}


def _lost_track_seconds(faces: Run, pair: list[Frame]) -> None:
    gone = [Frame(frame.index, frame.time, np.full_like(frame.image, 127)) for frame in pair[2:6]]
    frames = [*pair[:2], *gone, *(Frame(each.index, each.time, pair[2].image) for each in pair[6:])]
    assert {face.track_id for face in faces(frames, lost_track_seconds=3.0)} == {1, 2}
    assert {face.track_id for face in faces(frames, lost_track_seconds=0.3)} == {1, 2, 3, 4}


def _detect_emotions(faces: Run, pair: list[Frame]) -> None:
    assert all(face.emotions is None and face.emotion is None for face in faces(pair, detect_emotions=False))
    assert all(face.emotions is not None for face in faces(pair, detect_age=False, detect_gender=False))


def _detect_age(faces: Run, pair: list[Frame]) -> None:
    assert all(face.age is None and face.gender is not None for face in faces(pair, detect_age=False))


def _detect_gender(faces: Run, pair: list[Frame]) -> None:
    assert all(face.gender is None and face.age is not None for face in faces(pair, detect_gender=False))


def _embeddings(faces: Run, pair: list[Frame]) -> None:
    assert all(face.embedding is None for face in faces(pair))
    alone = {"detect_emotions": False, "detect_age": False, "detect_gender": False}
    assert all(len(face.embedding or ()) == 1024 for face in faces(pair, embeddings=True, **alone))


def _needs(models: set[str], **config: Any) -> None:
    plain = {"detect_emotions": False, "detect_age": False, "detect_gender": False}
    assert set(FaceAnalysisConfig(**{**plain, **config}).models(())) == models


def _backend(faces: Run, pair: list[Frame]) -> None:
    """test_deepface.py tells what it does."""
    _needs({"centerface", "emotion"}, detect_emotions=True)
    _needs({"centerface", "deepface-emotion"}, detect_emotions=True, backend="deepface")


def _link_to_persons(faces: Run, pair: list[Frame]) -> None:
    """test_tracks.py tells what it does."""
    assert FaceAnalysisConfig().model_dump()["link_to_persons"]


def _deepface_detector(faces: Run, pair: list[Frame]) -> None:
    _needs({"deepface-yunet"}, backend="deepface", deepface_detector="yunet")


def _deepface_align(faces: Run, pair: list[Frame]) -> None:
    """test_deepface.py tells what it does."""


def _deepface_embedding_model(faces: Run, pair: list[Frame]) -> None:
    _needs({"centerface", "deepface-arcface"}, backend="deepface", embeddings=True, deepface_embedding_model="ArcFace")


EFFECTS: dict[str, Callable[[Run, list[Frame]], None]] = {
    "backend": _backend,
    "link_to_persons": _link_to_persons,
    "deepface_detector": _deepface_detector,
    "deepface_align": _deepface_align,
    "deepface_embedding_model": _deepface_embedding_model,
    "frames_per_second": _frames_per_second,
    "confidence_threshold": _confidence_threshold,
    "iou_threshold": _iou_threshold,
    "min_face_size": _min_face_size,
    "max_faces": _max_faces,
    "tracking": _tracking,
    "min_track_frames": _min_track_frames,
    "lost_track_seconds": _lost_track_seconds,
    "detect_emotions": _detect_emotions,
    "detect_age": _detect_age,
    "detect_gender": _detect_gender,
    "embeddings": _embeddings,
}


@pytest.mark.parametrize("option", list(FaceAnalysisConfig.model_fields))
def test_every_option_has_an_effect(option: str, faces: Run, pair: list[Frame]) -> None:
    EFFECTS[option](faces, pair)


@pytest.mark.parametrize(
    ("config", "models"),
    [
        ({}, {"centerface", "emotion", "faceres"}),
        ({"detect_emotions": False}, {"centerface", "faceres"}),
        ({"detect_age": False, "detect_gender": False}, {"centerface", "emotion"}),
        ({"detect_emotions": False, "detect_age": False, "detect_gender": False}, {"centerface"}),
    ],
)
def test_only_the_models_that_are_used_are_loaded(
    config: dict[str, bool], models: set[str], sessions: Sessions
) -> None:
    asked: list[str] = []

    class Lender:
        def get(self, model_id: str) -> Any:
            asked.append(model_id)
            return sessions.get(model_id)

    FaceAnalysis(FaceAnalysisConfig(**config), INFO, Lender())
    assert set(asked) == set(FaceAnalysisConfig(**config).models(())) == models
