from dataclasses import replace

import pytest

from videoannotator.errors import PipelineNotFoundError, RegistryError
from videoannotator.models.manifest import Manifest
from videoannotator.pipelines.config import PipelineConfig, Whole
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.spec import PipelineSpec

SCENE = next(spec for spec in BUILT_IN if spec.name == "scene_detection")


def other(name: str, **changes: object) -> PipelineSpec:
    return replace(SCENE, **{"name": name, "family": name, "aliases": (), **changes})


class NeedsMore(PipelineConfig):
    threads: Whole


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("person", "person_tracking"),
        ("person_tracking", "person_tracking"),
        ("person_yolov11n-pose-bytetrack", "person_tracking"),
        ("person_centernet-movenet-bytetrack", "person_tracking"),
        ("face", "face_analysis"),
        ("face_analysis", "face_analysis"),
        ("face_deepface", "face_analysis"),
        ("scene", "scene_detection"),
        ("scene_pyscenedetect-clip", "scene_detection"),
        ("speech", "speech_recognition"),
        ("audio_whisper", "speech_recognition"),
    ],
)
def test_every_name_leads_to_its_pipeline(alias: str, name: str) -> None:
    assert Registry(BUILT_IN).get(alias).name == name


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(PipelineNotFoundError) as caught:
        Registry(BUILT_IN).get("Person_trakcing")
    assert "'person_tracking'" in str(caught.value.hint)
    assert caught.value.detail["available"] == [spec.name for spec in BUILT_IN]


def test_a_name_like_no_other_gets_the_general_hint() -> None:
    with pytest.raises(PipelineNotFoundError) as caught:
        Registry(BUILT_IN).get("zzz")
    assert caught.value.hint == PipelineNotFoundError.default_hint


def test_every_problem_of_every_spec_is_reported_at_once() -> None:
    specs = [
        *BUILT_IN,
        other("scene_detection"),
        other("second", aliases=("person",)),
        other("Bad Name"),
        other("no_module", implementation="videoannotator.nowhere:Thing"),
        other("no_attribute", implementation="videoannotator.pipelines.scene_detection.pipeline:Nothing"),
        other("no_colon", implementation="videoannotator"),
        other("no_output", outputs=()),
        other("no_stream", modalities=()),
        other("no_such_stream", modalities=("smell",)),
        other("no_such_stability", stability="old"),
        other("no_model", models=("gpt-9",)),
        other("no_default", config_model=NeedsMore),
        other("no_config", config_model=dict),
    ]
    with pytest.raises(RegistryError) as caught:
        Registry(specs, Manifest.bundled().ids)
    problems = caught.value.detail["problems"]
    expected = [
        "The name 'scene_detection' belongs to both",
        "The name 'person' belongs to both 'person_tracking' and 'second'",
        "'Bad Name' is not a pipeline name",
        "'videoannotator.nowhere:Thing', does not exist",
        "'videoannotator.pipelines.scene_detection.pipeline:Nothing', does not exist",
        "'no_colon', 'videoannotator', does not exist",
        "'no_output' declares no output",
        "'no_stream' must take either video or audio",
        "'no_such_stream' must take either video or audio",
        "'no_such_stability' is 'old'; it must be one of stable, beta, experimental",
        "'no_model' needs the model 'gpt-9'",
        "'no_default' has fields without a default: threads",
        "config_model of 'no_config' is not a PipelineConfig",
    ]
    missing = [text for text in expected if not any(text in problem for problem in problems)]
    assert not missing
    assert len(problems) == len(expected)
    assert all(problem in str(caught.value) for problem in problems)


def test_the_schema_tells_types_ranges_choices_and_defaults() -> None:
    schema = SCENE.config_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["detector"]["enum"] == ["content", "adaptive", "histogram", "hash", "fade"]
    rate = schema["properties"]["frames_per_second"]
    assert (rate["type"], rate["minimum"], rate["maximum"], rate["default"]) == (["number", "null"], 0, 240, None)


@pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
def test_every_option_is_described_bounded_and_has_a_default(spec: PipelineSpec) -> None:
    for name, entry in spec.config_schema()["properties"].items():
        assert entry["description"], name
        assert "default" in entry, name
        kinds = entry["type"] if isinstance(entry["type"], list) else [entry["type"]]
        if {"number", "integer"} & set(kinds):
            assert {"minimum", "maximum"} <= entry.keys(), name
