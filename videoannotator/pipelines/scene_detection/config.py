"""What can be set about scene detection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from videoannotator.pipelines.config import PipelineConfig, SamplingRate, renamed

Method = Literal["content", "adaptive", "histogram", "hash", "fade"]

THRESHOLDS: dict[Method, tuple[float, float, float]] = {
    "content": (1.0, 27.0, 255.0),
    "adaptive": (1.0, 3.0, 100.0),
    "histogram": (0.0, 0.2, 1.0),
    "hash": (0.0, 0.35, 1.0),
    "fade": (1.0, 12.0, 254.0),
}
"""Smallest, default and largest threshold of each detector, which measure different things (PySceneDetect 0.7)."""


class SceneDetectionConfig(PipelineConfig):
    """How cuts are found."""

    detector: Method = Field(
        default="content",
        description="What makes a cut: content (colour and brightness of the whole picture), adaptive (content, "
        "relative to its neighbours: for moving cameras), histogram (brightness distribution), hash (coarse "
        "structure), fade (through black).",
    )
    threshold: float | None = Field(
        default=None,
        ge=0,
        le=255,
        validate_default=True,
        description="How large a change is a cut; null takes the detector's own. content: 1 to 255 (27), adaptive: "
        "1 to 100 (3), histogram: 0 to 1 (0.2), hash: 0 to 1 (0.35), fade: 1 to 254 (12).",
    )
    min_scene_length: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        validation_alias=renamed("min_scene_length", "min_scene_len"),
        description="No scene but the last is shorter than this; seconds.",
    )
    frames_per_second: SamplingRate = Field(
        default=None,
        examples=[10],
        description="Frames to look at per second of video; null or 0: every frame, and cuts to the frame.",
    )
    label_scenes: bool = Field(
        default=True,
        validation_alias=renamed("label_scenes", "enable_clip_labels"),
        description="Say which of the labels describes each scene best, if the model for that "
        "(clip-vit-base-patch32) is there; a warning says so if it is not.",
    )
    labels: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=("living room", "kitchen", "bedroom", "nursery", "playground", "clinic", "classroom", "outdoors"),
        strict=False,
        min_length=2,
        max_length=100,
        validation_alias=renamed("labels", "scene_prompts"),
        description="What a scene can be, in English; the scores of a scene's labels sum to 1.",
    )

    @field_validator("threshold")
    @classmethod
    def _within_the_detectors_range(cls, value: float | None, info: ValidationInfo) -> float | None:
        if "detector" not in info.data:
            return value
        detector: Method = info.data["detector"]
        least, default, most = THRESHOLDS[detector]
        if value is None:
            return default
        if not least <= value <= most:
            message = "the threshold of the detector {detector} lies between {minimum} and {maximum}"
            raise PydanticCustomError(
                "out_of_range", message, {"detector": detector, "minimum": least, "maximum": most, "example": default}
            )
        return value
