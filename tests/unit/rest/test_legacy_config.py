"""What configurations of the earlier program become."""

from __future__ import annotations

from videoannotator_server.rest.legacy_config import translate

from videoannotator.pipelines.registry import Registry

REGISTRY = Registry.load()


def test_what_has_a_meaning_is_kept() -> None:
    config = {"person_tracking": {"conf_threshold": 0.4, "iou_threshold": 0.7, "track_mode": True}}
    assert translate(REGISTRY, config) == (config, ())


def test_what_has_none_is_dropped_aloud() -> None:
    config = {"person_tracking": {"model": "yolo11n-pose.pt", "max_persons": 3, "size_analysis": {}}}
    kept, warnings = translate(REGISTRY, config)
    assert kept == {"person_tracking": {"max_persons": 3}}
    assert [warning.split()[0] for warning in warnings] == [
        "config.person_tracking.model",
        "config.person_tracking.size_analysis",
    ]


def test_what_nobody_ever_knew_stays_to_be_refused() -> None:
    config = {"person_tracking": {"modle": 1}, "nonsense": {}, "scene_detection": 5}
    assert translate(REGISTRY, config) == (config, ())


def test_pipelines_that_are_not_here_any_more_are_dropped_aloud() -> None:
    gone = {"laion_voice", "face_openface3_embedding"} - set(REGISTRY.names)
    kept, warnings = translate(REGISTRY, {name: {} for name in gone})
    assert (kept, len(warnings)) == ({}, len(gone))


def test_aliases_are_understood() -> None:
    kept, warnings = translate(REGISTRY, {"person": {"model": "x"}})
    assert (kept, len(warnings)) == ({"person": {}}, 1)
