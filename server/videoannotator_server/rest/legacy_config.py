"""Configurations of clients of the earlier program: what has a meaning is kept, the rest dropped with a warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec

_OPTIONS: Mapping[str, str] = {
    "person_tracking": "model conf_threshold iou_threshold track_mode tracker tracker_type pose_format "
    "min_keypoint_confidence size_analysis person_identity device use_gpu",
    "scene_detection": "threshold min_scene_length enable_clip_labels scene_prompts clip_model use_gpu "
    "keyframe_extraction",
    "face_analysis": "detection_backend emotion_backend confidence_threshold min_face_size max_faces scale_factor "
    "min_neighbors detect_emotions detect_age detect_gender deepface person_identity",
    "audio_processing": "whisper_model enable_diarization min_speakers max_speakers sample_rate normalize_audio "
    "pipelines",
    "speaker_diarization": "model min_speakers max_speakers use_auth_token",
    "speech_recognition": "whisper_model language task beam_size best_of temperature patience length_penalty "
    "word_timestamps min_segment_duration prepend_punctuations append_punctuations suppress_tokens",
}
"""Every option that the earlier program declared or read."""
_PIPELINES = frozenset({"face_laion_clip", "face_openface3_embedding", "laion_voice", *_OPTIONS})


def translate(registry: Registry, config: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return ``config`` without what has no meaning here, and a sentence for each thing that was dropped.

    Only options of the earlier program are dropped; what it did not know either stays, to be refused as a mistake.
    """
    kept: dict[str, Any] = {}
    warnings: list[str] = []
    for name, section in config.items():
        if name not in registry:
            if name in _PIPELINES:
                warnings.append(f"config.{name} has no effect: there is no such pipeline here.")
            else:
                kept[name] = section
        elif isinstance(section, Mapping):
            dropped = set(_dropped(registry.get(name), section))
            warnings += [f"config.{name}.{option} has no effect in this version." for option in sorted(dropped)]
            kept[name] = {option: value for option, value in section.items() if option not in dropped}
        else:
            kept[name] = section
    return kept, tuple(warnings)


def _dropped(spec: PipelineSpec, section: Mapping[str, Any]) -> Iterator[str]:
    present = _names(spec)
    for option in section:
        if option not in present and option in _OPTIONS.get(spec.name, "").split():
            yield option


def _names(spec: PipelineSpec) -> set[str]:
    """Return every name that an option of the pipeline answers to."""
    found = set(spec.config_model.model_fields)
    for field in spec.config_model.model_fields.values():
        found |= {str(name) for name in getattr(field.validation_alias, "choices", ())}
    return found
