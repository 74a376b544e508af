"""Options of VideoAnnotator 1 that mean something here, and those that contradict a present one."""

import importlib.util
from typing import Any

import pytest

from videoannotator.errors import InvalidConfigError
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.validation import validate_config

REGISTRY = Registry(BUILT_IN)


def normal(**given: Any) -> dict[str, Any]:
    return validate_config(REGISTRY, ["face"], {"face": given}).config["face_analysis"]


def violations(**given: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidConfigError) as caught:
        normal(**given)
    return [(each.field.removeprefix("config.face."), each.code) for each in caught.value.violations]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"detection_backend": "deepface"}, {"backend": "deepface", "deepface_detector": "centerface"}),
        ({"detection_backend": "retinaface"}, {"backend": "deepface", "deepface_detector": "retinaface"}),
        (
            {"detection_backend": "deepface", "deepface": {"detector_backend": "yunet"}},
            {"backend": "deepface", "deepface_detector": "yunet"},
        ),
        ({"emotion_backend": "disabled"}, {"backend": "onnx", "detect_emotions": False}),
        ({"emotion_backend": "deepface"}, {"backend": "deepface", "detect_emotions": True}),
        ({"emotion_backend": "deepface", "detection_backend": "deepface"}, {"backend": "deepface"}),
        ({"person_identity": {"enabled": True, "link_to_persons": True}}, {"link_to_persons": True}),
        ({"person_identity": {"enabled": True, "link_to_persons": False}}, {"link_to_persons": False}),
        ({"person_identity": {"enabled": False, "link_to_persons": True}}, {"link_to_persons": False}),
        ({"deepface": {}, "person_identity": {}}, {"backend": "onnx", "link_to_persons": True}),
    ],
)
def test_earlier_options_become_present_ones(given: dict[str, Any], meant: dict[str, Any]) -> None:
    config = normal(**given)
    assert {name: config[name] for name in meant} == meant
    assert normal(**config) == config


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"scale_factor": 1.1}, [("scale_factor", "UNKNOWN_FIELD")]),
        ({"deepface": {"emotion_model": "VGG-Face"}}, [("deepface", "UNKNOWN_FIELD")]),
        ({"person_identity": {"require_person_id": True}}, [("person_identity", "UNKNOWN_FIELD")]),
        ({"person_identity": {"enabled": "yes"}}, [("link_to_persons", "INVALID_TYPE")]),
        ({"person_identity": 3}, [("person_identity", "UNKNOWN_FIELD")]),
        ({"backend": "onnx", "detection_backend": "deepface"}, [("detection_backend", "UNKNOWN_FIELD")]),
        ({"backend": "onnx", "emotion_backend": "deepface"}, [("emotion_backend", "UNKNOWN_FIELD")]),
        ({"detection_backend": "opencv"}, [("deepface_detector", "INVALID_VALUE")]),
        ({"backend": "torch"}, [("backend", "INVALID_VALUE")]),
        ({"detection_backend": ["x"]}, [("deepface_detector", "INVALID_VALUE")]),
    ],
)
def test_what_means_nothing_here_or_contradicts_is_refused(given: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    assert violations(**given) == wrong


def test_the_library_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "videoannotator.pipelines.face_analysis.config.find_spec",
        lambda name: None if name == "deepface" else found(name),
    )
    with pytest.raises(InvalidConfigError, match="videoannotator\\[face\\]"):
        normal(backend="deepface")


def test_the_first_alphas_names_of_embeddings_are_understood() -> None:
    config = normal(descriptors=True, deepface_descriptor="ArcFace")
    assert (config["embeddings"], config["deepface_embedding_model"]) == (True, "ArcFace")
