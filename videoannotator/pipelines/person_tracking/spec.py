"""What person tracking is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import PersonObservation
from videoannotator.pipelines.person_tracking.config import PersonTrackingConfig
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec

PERSON_TRACKING = PipelineSpec(
    name="person_tracking",
    display_name="Person Tracking & Pose",
    description="Finds people, follows each through the video under one id, and locates 17 joints of their bodies.",
    family="person",
    variant="centernet-movenet-bytetrack",
    aliases=("person", "person_yolov11n-pose-bytetrack"),
    tasks=("person-detection", "object-tracking", "pose-estimation"),
    config_model=PersonTrackingConfig,
    records=(PersonObservation,),
    models=("centernet", "movenet-thunder"),
    outputs=(
        OutputSpec("coco", ("person_detection", "keypoints", "tracking"), "application/json"),
        OutputSpec("csv", ("person_detection", "tracking", "keypoints"), "text/csv"),
        OutputSpec("parquet", ("person_detection", "tracking", "keypoints"), "application/vnd.apache.parquet"),
        OutputSpec("mot", ("person_detection", "tracking"), "text/plain"),
        OutputSpec("eaf", ("presence",), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("presence",), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("timeline",), "image/png"),
    ),
    implementation="videoannotator.pipelines.person_tracking.pipeline:PersonTracking",
)
