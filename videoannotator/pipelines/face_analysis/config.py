"""What can be set about face analysis."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from videoannotator.pipelines.config import PipelineConfig, SamplingRate, Whole, renamed
from videoannotator.pipelines.face_analysis.deepface_models import (
    ATTRIBUTES,
    DETECTORS,
    EMBEDDING_MODELS,
    Detector,
    EmbeddingModel,
)


class FaceAnalysisConfig(PipelineConfig):
    """How faces are found, followed and read."""

    backend: Literal["onnx", "deepface"] = Field(
        default="onnx",
        description="What finds and reads faces: onnx (small models that come with VideoAnnotator) or deepface (the "
        "deepface library with its own models, which have to be pulled first).",
    )
    frames_per_second: SamplingRate = Field(
        default=10.0,
        description="Frames to look at per second of video; null or 0 looks at every frame.",
    )
    confidence_threshold: float = Field(
        default=0.5,
        ge=0.05,
        le=1,
        description="Least score of a detected face. Higher values lose faces that are turned away or half covered. "
        "DeepFace's retinaface tells only of faces above 0.9.",
    )
    iou_threshold: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Two boxes that overlap more than this (intersection over union) are the same face.",
    )
    min_face_size: Whole = Field(
        default=30,
        ge=1,
        le=2000,
        description="A face whose box is narrower or lower than this is left out; pixels of the video.",
    )
    max_faces: Whole = Field(
        default=10, ge=1, le=100, description="Most faces to keep in one frame; the most certain ones are kept."
    )
    tracking: bool = Field(default=True, description="Give each face one identity through the whole video.")
    min_track_frames: Whole = Field(
        default=2,
        ge=1,
        le=100,
        description="A face seen in fewer of the sampled frames than this gets no identity.",
    )
    lost_track_seconds: float = Field(
        default=1.0,
        ge=0,
        le=30,
        description="How long a face may be out of sight and keep the identity when seen again nearby.",
    )
    detect_emotions: bool = Field(
        default=True, description="Estimate how probable each of seven emotions is from the expression."
    )
    detect_age: bool = Field(default=True, description="Estimate the age in years; a rough guess.")
    detect_gender: bool = Field(default=True, description="Estimate whether the face looks female or male.")
    embeddings: bool = Field(
        default=False,
        validation_alias=renamed("embeddings", "descriptors"),
        description="Describe each face by numbers that are alike for the same person: 1024 with the backend onnx. "
        "Makes large files.",
    )
    link_to_persons: bool = Field(
        default=True, description="Say to which person of person_tracking each face belongs, if both run."
    )
    deepface_detector: Detector = Field(default="centerface", description="DeepFace's detector; backend deepface only.")
    deepface_align: bool = Field(
        default=True,
        description="Turn each face so that its eyes are level before it is read; backend deepface only.",
    )
    deepface_embedding_model: EmbeddingModel = Field(
        default="Facenet",
        validation_alias=renamed("deepface_embedding_model", "deepface_descriptor"),
        description="DeepFace's model for embeddings; backend deepface only.",
    )

    @property
    def wants_attributes(self) -> bool:
        """Whether age, gender or an embedding is asked for."""
        return self.detect_age or self.detect_gender or self.embeddings

    def models(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the models that this configuration needs."""
        if self.backend == "onnx":
            wanted = {"centerface": True, "emotion": self.detect_emotions, "faceres": self.wants_attributes}
        else:
            wanted = {
                DETECTORS[self.deepface_detector]: True,
                ATTRIBUTES["Emotion"]: self.detect_emotions,
                ATTRIBUTES["Age"]: self.detect_age,
                ATTRIBUTES["Gender"]: self.detect_gender,
                EMBEDDING_MODELS[self.deepface_embedding_model]: self.embeddings,
            }
        return tuple(model for model, needed in wanted.items() if needed)

    @model_validator(mode="before")
    @classmethod
    def _understand_earlier_keys(cls, data: Any) -> Any:
        return _in_present_words(data) if isinstance(data, Mapping) else data

    @field_validator("backend")
    @classmethod
    def _installed(cls, backend: str) -> str:
        if backend == "deepface" and find_spec("deepface") is None:
            raise ValueError("the deepface library is not installed; run pip install 'videoannotator[face]'")
        return backend


def _in_present_words(given: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the options of VideoAnnotator 1. One that says the same as another one stays, and is refused."""
    data = dict(given)
    detector = data.get("detection_backend")
    if detector is not None and not data.keys() & {"backend", "deepface_detector"}:
        del data["detection_backend"]
        data["backend"] = "deepface"
        if detector != "deepface":
            data["deepface_detector"] = detector
    if data.get("emotion_backend") == "disabled" and "detect_emotions" not in data:
        del data["emotion_backend"]
        data["detect_emotions"] = False
    elif data.get("emotion_backend") == data.get("backend", "deepface") == "deepface":
        data["backend"] = data.pop("emotion_backend")
    if "deepface_detector" not in data:
        for name in _popped(data, "deepface", "detector_backend"):
            data["deepface_detector"] = name
    if "link_to_persons" not in data and (asked := _popped(data, "person_identity", "enabled", "link_to_persons")):
        data["link_to_persons"] = next((value for value in asked if value is not True), True)
    return data


def _popped(data: dict[str, Any], section: str, *names: str) -> list[Any]:
    """Take the options called ``names`` out of a section of ``data``, and return their values."""
    old = data.get(section)
    if not isinstance(old, Mapping):
        return []
    rest = {name: value for name, value in old.items() if name not in names}
    del data[section]
    if rest:
        data[section] = rest
    return [old[name] for name in names if name in old]
