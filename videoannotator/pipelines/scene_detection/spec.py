"""What scene detection is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import Scene
from videoannotator.pipelines.scene_detection.config import SceneDetectionConfig
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec

SCENE_DETECTION = PipelineSpec(
    name="scene_detection",
    display_name="Scene Detection",
    description="Finds the cuts of a video and divides it into scenes; labels them if a model for that is there.",
    family="scene",
    variant="pyscenedetect",
    aliases=("scene", "scene_pyscenedetect-clip"),
    tasks=("scene-detection", "scene-segmentation", "scene-labelling"),
    config_model=SceneDetectionConfig,
    records=(Scene,),
    outputs=(
        OutputSpec("coco", ("scene_boundary",), "application/json"),
        OutputSpec("csv", ("scene_boundary",), "text/csv"),
        OutputSpec("parquet", ("scene_boundary",), "application/vnd.apache.parquet"),
        OutputSpec("eaf", ("scene_boundary",), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("scene_boundary",), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("timeline",), "image/png"),
    ),
    implementation="videoannotator.pipelines.scene_detection.pipeline:SceneDetection",
)
