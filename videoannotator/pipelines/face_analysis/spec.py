"""What face analysis is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import FaceObservation
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec

FACE_ANALYSIS = PipelineSpec(
    name="face_analysis",
    display_name="Face Analysis",
    description="Finds faces, follows each through the video under one id, and estimates its emotion, age and gender.",
    family="face",
    variant="centerface-faceres",
    aliases=("face", "face_deepface"),
    tasks=("face-detection", "object-tracking", "emotion-recognition", "age-estimation", "gender-prediction"),
    config_model=FaceAnalysisConfig,
    records=(FaceObservation,),
    models=("centerface", "emotion", "faceres"),
    outputs=(
        OutputSpec("coco", ("face_detection", "landmarks", "emotions", "demographics", "tracking"), "application/json"),
        OutputSpec("csv", ("face_detection", "landmarks", "emotions", "demographics", "tracking"), "text/csv"),
        OutputSpec(
            "parquet",
            ("face_detection", "landmarks", "emotions", "demographics", "tracking"),
            "application/vnd.apache.parquet",
        ),
        OutputSpec("mot", ("face_detection", "tracking"), "text/plain"),
        OutputSpec("eaf", ("presence", "emotions"), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("presence", "emotions"), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("timeline",), "image/png"),
    ),
    implementation="videoannotator.pipelines.face_analysis.pipeline:FaceAnalysis",
)
