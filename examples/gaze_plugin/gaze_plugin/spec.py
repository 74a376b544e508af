"""What gaze estimation finds, can be told and needs. The service imports this module, so it is light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from videoannotator.annotations import BoundingBox
from videoannotator.pipelines.config import PipelineConfig, SamplingRate
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec
from videoannotator.record_types import (
    Arrow,
    CocoCategory,
    Degrees,
    Digits,
    FrameType,
    Pixels,
    RecordType,
    Score,
    Seconds,
)

Part = Annotated[float, Digits(4)]
Target = Literal["ahead", "left", "right", "up", "down"]


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: Pixels
    y: Pixels


@dataclass(frozen=True, slots=True)
class Vector:
    """A direction of length 1: to the right of the picture, down, and towards the camera."""

    x: Part
    y: Part
    z: Part


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where one face points in one frame."""

    record_type: ClassVar[RecordType] = FrameType(
        name="gaze",
        noun="gaze",
        plural="gazes",
        label="target",
        label_colours={"ahead": (92, 214, 123), "left": (64, 169, 255), "right": (255, 140, 66)},
        coco=CocoCategory("gaze", "face"),
        arrows=(Arrow("origin", "tip"),),
    )

    frame: int
    time: Seconds
    track_id: int | None
    box: BoundingBox
    score: Score
    origin: Point
    """The middle between the eyes."""
    direction: Vector
    yaw: Degrees
    """To the right of the picture; negative to the left."""
    pitch: Degrees
    """Up; negative down."""
    target: Target
    """The direction in a word, as the camera sees it."""

    @property
    def tip(self) -> Point:
        """The end of the arrow that is drawn: as long as the face is high, if it pointed across the picture."""
        length = self.box.height
        return Point(self.origin.x + length * self.direction.x, self.origin.y + length * self.direction.y)


class GazeConfig(PipelineConfig):
    """How faces are found, and how far they may turn and still look ahead."""

    frames_per_second: SamplingRate = Field(default=10.0, description="Frames to look at per second of video.")
    confidence_threshold: float = Field(default=0.5, ge=0.05, le=1, description="Least score of a detected face.")
    ahead_degrees: float = Field(
        default=15.0, ge=1, le=60, description="A face that is turned by no more than this many degrees looks ahead."
    )


_TYPES = ("gaze_direction",)

GAZE_ESTIMATION = PipelineSpec(
    name="gaze_estimation",
    display_name="Gaze Estimation (Head Pose)",
    description="Estimates where each face points from its eyes, nose and mouth.",
    family="gaze",
    variant="centerface-geometry",
    stability="experimental",
    tasks=("gaze-estimation",),
    config_model=GazeConfig,
    records=(Gaze,),
    models=("centerface",),
    outputs=(
        OutputSpec("coco", _TYPES, "application/json"),
        OutputSpec("csv", _TYPES, "text/csv"),
        OutputSpec("parquet", _TYPES, "application/vnd.apache.parquet"),
        OutputSpec("eaf", _TYPES, "text/x-eaf+xml"),
        OutputSpec("textgrid", _TYPES, "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("timeline",), "image/png"),
    ),
    implementation="gaze_plugin.pipeline:GazeEstimation",
)
