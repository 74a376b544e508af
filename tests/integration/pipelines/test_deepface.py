"""The deepface library itself, with its CenterFace and with models made of the bundled ones in place of its own."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.support.deepface_weights import deepface_store
from videoannotator.annotations import FaceObservation
from videoannotator.emotions import EMOTIONS
from videoannotator.errors import ModelMissingError
from videoannotator.media.frame import Frame, Image
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.pipeline import FaceAnalysis
from videoannotator.pipelines.registry import Registry
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.validator import JobValidator
from videoannotator.testing.pictures import photograph

INFO = MediaInfo(container="mp4", duration=12.0, width=854, height=480, frame_rate=25.0, video_codec="h264")
Run = Callable[..., Sequence[FaceObservation]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return deepface_store(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def sessions(store: ModelStore) -> Sessions:
    return Sessions(store)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the library reads from its environment, and a home in which it must not leave anything."""
    for name in ("DEEPFACE_BACKEND_ENGINE", "DEEPFACE_LOG_LEVEL", "CENTERFACE_THRESHOLD", "yunet_score_threshold"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))


@pytest.fixture
def faces(sessions: Sessions) -> Run:
    def run(*images: Image, **config: Any) -> Sequence[FaceObservation]:
        pipeline = FaceAnalysis(FaceAnalysisConfig(backend="deepface", **config), INFO, sessions)
        for index, image in enumerate(images):
            pipeline.process(Frame(index, index / 10, image))
        return pipeline.finish()

    return run


def two_faces() -> Image:
    picture = np.full((512, 900, 3), 128, np.uint8)
    picture[:, :512] = photograph("astronaut")
    picture[100:356, 600:856] = cv2.resize(photograph("astronaut"), (256, 256), interpolation=cv2.INTER_AREA)
    return picture


def test_faces_are_found_followed_and_read_as_by_the_other_backend(faces: Run, sessions: Sessions) -> None:
    found = faces(two_faces(), two_faces(), embeddings=True)
    light = FaceAnalysis(FaceAnalysisConfig(), INFO, sessions)
    for index in range(2):
        light.process(Frame(index, index / 10, two_faces()))
    expected = light.finish()
    assert [face.track_id for face in found] == [1, 2, 1, 2]
    for face, other in zip(found, expected, strict=True):
        assert (face.frame, face.track_id) == (other.frame, other.track_id)
        assert (face.box.x, face.box.y, face.box.width, face.box.height) == pytest.approx(
            (other.box.x, other.box.y, other.box.width, other.box.height), abs=5
        )
        assert tuple(face.emotions or ()) == EMOTIONS
        assert sum((face.emotions or {}).values()) == pytest.approx(1, abs=1e-5)
        assert face.emotion == "happy"
        assert face.gender is not None
        assert face.gender.label == "female"
        assert face.age == pytest.approx(other.age, abs=12)
        assert len(face.landmarks) == 2
        assert np.asarray(face.landmarks) == pytest.approx(np.asarray(other.landmarks[:2]), abs=5)
        assert np.linalg.norm(face.embedding or ()) == pytest.approx(1, abs=1e-5)
    assert found[0].embedding == pytest.approx(found[2].embedding)


def test_large_pictures_give_boxes_in_their_own_pixels(faces: Run) -> None:
    large = cv2.resize(photograph("astronaut"), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    [one], [four] = (faces(image, tracking=False, detect_age=False) for image in (photograph("astronaut"), large))
    assert four.box.x / 4 == pytest.approx(one.box.x, abs=10)
    assert four.box.width / 4 == pytest.approx(one.box.width, abs=12)


def test_the_same_picture_gives_the_same_faces(faces: Run) -> None:
    assert list(faces(two_faces())) == list(faces(two_faces()))


@pytest.mark.parametrize("picture", [photograph("coffee"), np.zeros((2, 300, 3), np.uint8)])
def test_where_there_is_no_face_none_is_found(picture: Image, faces: Run) -> None:
    assert len(faces(picture)) == 0


def test_a_face_that_leaves_the_picture_is_read_too(faces: Run) -> None:
    half = np.ascontiguousarray(photograph("astronaut")[80:, 190:])
    for face in faces(half, confidence_threshold=0.2):
        assert sum((face.emotions or {}).values()) == pytest.approx(1, abs=1e-5)


def test_a_tilted_head_is_read_upright_unless_told_otherwise(faces: Run) -> None:
    turn = cv2.getRotationMatrix2D((226, 120), 30, 1.0)
    tilted = np.asarray(cv2.warpAffine(photograph("astronaut"), turn, (512, 512)), np.uint8)
    upright, straight = (faces(tilted, deepface_align=align)[0] for align in (True, False))
    assert upright.box == straight.box
    assert upright.emotions != straight.emotions


def test_the_threshold_is_handed_to_the_detector(faces: Run) -> None:
    assert len(faces(two_faces(), confidence_threshold=0.99)) == 0
    assert len(faces(two_faces(), confidence_threshold=0.1, iou_threshold=0.9, min_face_size=1)) >= 2


def test_provenance_names_the_files_that_were_really_loaded(store: ModelStore) -> None:
    used: dict[str, str] = {}

    class Lender(Sessions):
        def load(self, model_id: str, loader: Any) -> Any:
            model = super().load(model_id, loader)
            used[model_id] = self.provenance(model_id).sha256
            return model

    FaceAnalysis(FaceAnalysisConfig(backend="deepface", detect_age=False), INFO, Lender(store))
    assert used == {
        model_id: store.weights(model_id).sha256 for model_id in ("centerface", "deepface-emotion", "deepface-gender")
    }
    assert "mini-Xception" in store.weights("deepface-emotion").provenance.source


def test_nothing_is_downloaded_printed_or_left_behind(
    faces: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*_: Any) -> None:
        raise AssertionError("somebody wants to phone home")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    faces(two_faces(), embeddings=True)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert not {"tensorflow", "flask"} & set(sys.modules)


def test_the_library_is_refused_weights_that_it_was_not_given(sessions: Sessions) -> None:
    from videoannotator.pipelines.face_analysis.deepface_library import library

    FaceAnalysis(FaceAnalysisConfig(backend="deepface"), INFO, sessions)
    with pytest.raises(ModelMissingError, match="vgg_face_weights"):
        library("modules.modeling").build_model("facial_recognition", "VGG-Face")


@pytest.mark.parametrize(
    ("config", "model"),
    [
        ({"backend": "deepface"}, "deepface-emotion"),
        ({"backend": "deepface", "detect_emotions": False}, "deepface-age"),
        ({"backend": "deepface", "deepface_detector": "yunet"}, "deepface-yunet"),
        ({"detection_backend": "retinaface"}, "deepface-retinaface"),
    ],
)
def test_missing_weights_are_told_at_submission_with_the_command_that_brings_them(
    config: dict[str, Any], model: str, tmp_path: Path
) -> None:
    validator = JobValidator(Registry.load(), Availability(ModelStore(tmp_path / "models")), default_attempts=1)
    with pytest.raises(ModelMissingError) as caught:
        validator.validate(JobRequest("video", ("face_analysis",), {"face_analysis": config}))
    assert caught.value.detail["model"] == model
    assert f"videoannotator models pull {model}" in str(caught.value.hint)
    assert str(tmp_path / ".deepface" / "weights") in caught.value.message


def test_a_detector_only_needs_no_weights_of_deepfaces_own(tmp_path: Path) -> None:
    nothing = {"detect_emotions": False, "detect_age": False, "detect_gender": False}
    own = Sessions(ModelStore(tmp_path / "models"))
    pipeline = FaceAnalysis(FaceAnalysisConfig(backend="deepface", **nothing), INFO, own)
    pipeline.process(Frame(0, 0.0, two_faces()))
    assert len(pipeline.finish()) == 2
