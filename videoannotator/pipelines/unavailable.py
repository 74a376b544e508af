"""Pipelines of the program before this one that nothing here can run yet.

They are listed with the reason, so that users need not search for them, and get a clear answer when they ask for one. A
plugin that registers a pipeline of the same name takes the place of its entry.
"""

from __future__ import annotations

from videoannotator.pipelines.config import PipelineConfig
from videoannotator.pipelines.spec import PipelineSpec

_REMEDY = (
    "Install a package that registers {name!r} in the entry-point group videoannotator.pipelines "
    "(docs/naming.md): `pip install PACKAGE`."
)


def _unavailable(name: str, reason: str, **facts: object) -> PipelineSpec:
    return PipelineSpec(
        name=name,
        config_model=PipelineConfig,
        records=(),
        outputs=(),
        implementation="",
        stability="experimental",
        unavailable=reason,
        remedy=_REMEDY.format(name=name),
        **facts,  # type: ignore[arg-type]
    )


UNAVAILABLE = (
    _unavailable(
        "face_laion_clip",
        "It has no implementation here: the weights, laion/Empathic-Insight-Face-Small of huggingface.co, come as "
        "pickles, which are never loaded.",
        display_name="LAION Face Emotions",
        description="Rates faces on 40 emotions (LAION Empathic Insight Face, on SigLIP 2).",
        family="face",
        variant="laion-clip-face",
        aliases=("laion_face",),
        tasks=("emotion-recognition", "face-embedding"),
    ),
    _unavailable(
        "face_openface3_embedding",
        "It has no implementation here: the weights of OpenFace 3, nutPace/openface_weights of huggingface.co, come as "
        "pickles, which are never loaded.",
        display_name="OpenFace 3",
        description="Action units, gaze and landmarks of faces (OpenFace 3).",
        family="face",
        variant="openface3-embedding",
        aliases=("openface3",),
        tasks=("action-unit-detection", "gaze-estimation"),
    ),
    _unavailable(
        "laion_voice",
        "It has no implementation here: the weights, laion/Empathic-Insight-Voice-Small of huggingface.co, come as "
        "pickles, which are never loaded.",
        display_name="LAION Voice Emotions",
        description="Rates stretches of speech on 40 emotions (LAION Empathic Insight Voice, on Whisper).",
        family="audio",
        variant="laion-empathic-whisper",
        tasks=("emotion-recognition",),
        modalities=("audio",),
    ),
)
