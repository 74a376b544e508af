"""What can be set about person tracking."""

from __future__ import annotations

from pydantic import Field

from videoannotator.pipelines.config import PipelineConfig, SamplingRate, Whole, renamed


class PersonTrackingConfig(PipelineConfig):
    """How people are found, followed and measured."""

    frames_per_second: SamplingRate = Field(
        default=10.0,
        description="Frames to look at per second of video; null or 0 looks at every frame.",
    )
    confidence_threshold: float = Field(
        default=0.2,
        ge=0.05,
        le=1,
        validation_alias=renamed("confidence_threshold", "conf_threshold"),
        description="Least score of a detected person. Higher values lose people who are close or half covered.",
    )
    iou_threshold: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Two boxes that overlap more than this (intersection over union) are the same person.",
    )
    max_persons: Whole = Field(
        default=20, ge=1, le=100, description="Most people to keep in one frame; the most certain ones are kept."
    )
    tracking: bool = Field(
        default=True,
        validation_alias=renamed("tracking", "track_mode"),
        description="Give each person one identity through the whole video.",
    )
    min_track_frames: Whole = Field(
        default=2,
        ge=1,
        le=100,
        description="A person seen in fewer of the sampled frames than this gets no identity.",
    )
    lost_track_seconds: float = Field(
        default=1.0,
        ge=0,
        le=30,
        description="How long a person may be out of sight and keep the identity when seen again nearby.",
    )
    pose: bool = Field(default=True, description="Find the 17 COCO keypoints of each person.")
    keypoint_threshold: float = Field(
        default=0.3,
        ge=0,
        le=1,
        validation_alias=renamed("keypoint_threshold", "min_keypoint_confidence"),
        description="Least score of a keypoint; one below it counts as not seen.",
    )
