"""What can be set about face analysis."""

from __future__ import annotations

from pydantic import Field

from videoannotator.pipelines.config import PipelineConfig, SamplingRate, Whole


class FaceAnalysisConfig(PipelineConfig):
    """How faces are found, followed and read."""

    frames_per_second: SamplingRate = Field(
        default=10.0,
        description="Frames to look at per second of video; null or 0 looks at every frame.",
    )
    confidence_threshold: float = Field(
        default=0.5,
        ge=0.05,
        le=1,
        description="Least score of a detected face. Higher values lose faces that are turned away or half covered.",
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
    descriptors: bool = Field(
        default=False,
        description="Describe each face by 1024 numbers that are alike for the same person. Makes large files.",
    )
