from dataclasses import replace

import pytest

from videoannotator.errors import ModelMissingError, PipelineUnavailableError
from videoannotator.models.manifest import Manifest
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.unavailable import UNAVAILABLE
from videoannotator.pipelines.validation import validate_config

SCENE = next(spec for spec in BUILT_IN if spec.name == "scene_detection")
REGISTRY = Registry(BUILT_IN, unavailable=UNAVAILABLE)


@pytest.fixture
def availability() -> Availability:
    return Availability(ModelStore(manifest=Manifest([])))


def without(*models: str) -> Manifest:
    """Return the manifest of a machine that never heard of ``models``."""
    bundled = Manifest.bundled()
    return Manifest([bundled.entry(each) for each in bundled.ids if each not in models])


def test_a_pipeline_that_lacks_nothing_can_run(availability: Availability) -> None:
    assert availability.problems(SCENE) == []
    assert availability.reason(SCENE) == ""


def test_a_missing_package_is_named_with_the_extra_that_brings_it(availability: Availability) -> None:
    spec = replace(SCENE, packages=("json", "no_such_package"), extra="audio")
    [problem] = availability.problems(spec)
    assert problem.detail["packages"] == ["no_such_package"]
    assert "videoannotator[audio]" in availability.reason(spec)


def test_a_missing_model_is_named(availability: Availability) -> None:
    [problem] = availability.problems(replace(SCENE, models=("unheard-of",)))
    assert isinstance(problem, ModelMissingError)


def test_everything_that_is_in_the_way_of_a_request_is_told_at_once() -> None:
    validated = validate_config(REGISTRY, ["scene", "speech", "audio"], {"speech": {"model": "tiny"}})
    with pytest.raises(ModelMissingError) as caught:
        Availability(ModelStore(manifest=without("whisper-tiny", "whisper-base"))).require(REGISTRY, validated)
    assert [(each.field, each.code) for each in caught.value.violations] == [
        ("config.speech_recognition", "MODEL_MISSING"),
        ("config.audio_processing", "MODEL_MISSING"),
    ]
    assert "And 1 more." in caught.value.message


def test_a_request_that_lacks_nothing_may_run() -> None:
    Availability(ModelStore()).require(REGISTRY, validate_config(REGISTRY, ["scene", "person"]))


def test_what_no_worker_can_import_cannot_run(availability: Availability) -> None:
    availability.take_note({SCENE.name: "ImportError: libnothing.so"})
    assert "libnothing.so" in availability.reason(SCENE)
    availability.take_note({})
    assert availability.reason(SCENE) == ""


@pytest.mark.parametrize("spec", UNAVAILABLE, ids=lambda spec: spec.name)
def test_a_pipeline_without_an_implementation_says_why_and_what_would_help(spec, availability: Availability) -> None:
    assert spec.name not in REGISTRY.names
    assert REGISTRY.find(spec.name) is spec
    assert spec.unavailable in availability.reason(spec)
    assert "pip install" in availability.reason(spec)


def test_asking_for_one_is_answered_clearly() -> None:
    with pytest.raises(PipelineUnavailableError) as caught:
        validate_config(REGISTRY, ["scene", "laion_voice"], {})
    assert "laion_voice cannot run" in caught.value.message
    assert [violation.field for violation in caught.value.violations] == ["pipelines[1]"]


def test_a_plugin_takes_the_place_of_an_entry() -> None:
    plugin = replace(SCENE, name="laion_voice", family="audio", variant="plugin", aliases=())
    registry = Registry([*BUILT_IN, plugin], unavailable=UNAVAILABLE)
    assert registry.get("laion_voice") is plugin
    assert "laion_voice" not in {spec.name for spec in registry.unavailable}
