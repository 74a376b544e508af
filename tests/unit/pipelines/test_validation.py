import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.errors import InvalidConfigError, PipelineNotFoundError, VideoAnnotatorError, Violation
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.validation import validate_config

REGISTRY = Registry(BUILT_IN)


def violations(pipelines: list[str] | None, config: Any) -> dict[str, Violation]:
    with pytest.raises(VideoAnnotatorError) as caught:
        validate_config(REGISTRY, pipelines, config)
    return {violation.field: violation for violation in caught.value.violations}


def test_names_become_canonical_and_unique_in_the_order_asked_for() -> None:
    assert validate_config(REGISTRY, ["scene", "person", "scene_detection"]).pipelines == (
        "scene_detection",
        "person_tracking",
    )


def test_an_empty_section_becomes_every_default() -> None:
    config = validate_config(REGISTRY, ["person"], {}).config
    assert config == {"person_tracking": REGISTRY.get("person").default_config()}
    assert config["person_tracking"]["confidence_threshold"] == 0.2


def test_a_normal_form_is_its_own_normal_form() -> None:
    first = validate_config(REGISTRY, ["scene", "person"], {"scene": {"detector": "hash"}})
    assert validate_config(REGISTRY, first.pipelines, first.config).config == first.config


def test_old_names_are_understood() -> None:
    old = {
        "person": {"conf_threshold": 0.4, "iou_threshold": 0.7, "track_mode": False, "min_keypoint_confidence": 0.5},
        "face": {"confidence_threshold": 0.7, "min_face_size": 30, "max_faces": 10, "detect_age": False},
        "scene": {"threshold": 30.0, "min_scene_length": 2.0},
    }
    config = validate_config(REGISTRY, ["person", "face", "scene"], old).config
    person = config["person_tracking"]
    assert (person["confidence_threshold"], person["iou_threshold"]) == (0.4, 0.7)
    assert (person["tracking"], person["keypoint_threshold"]) == (False, 0.5)
    face = config["face_analysis"]
    assert (face["confidence_threshold"], face["max_faces"], face["detect_age"]) == (0.7, 10, False)
    assert (config["scene_detection"]["threshold"], config["scene_detection"]["min_scene_length"]) == (30.0, 2.0)


def test_numbers_may_come_out_of_a_protobuf_struct() -> None:
    config = validate_config(REGISTRY, ["person"], {"person": {"max_persons": 5.0, "frames_per_second": 0.0}}).config
    assert config["person_tracking"]["max_persons"] == 5
    assert config["person_tracking"]["frames_per_second"] is None


def test_every_violation_is_collected() -> None:
    config = {
        "person": {
            "confidence_threshold": 1.5,
            "max_persons": 2.5,
            "pose": "yes",
            "iou_treshold": 0.5,
        },
        "scene": {"detector": "contnt", "threshold": math.nan},
        "voice": {},
    }
    with pytest.raises(InvalidConfigError) as caught:
        validate_config(REGISTRY, ["person", "scene", "fcae"], config)
    found = {violation.field: violation.code for violation in caught.value.violations}
    assert found == {
        "pipelines[2]": "PIPELINE_NOT_FOUND",
        "config.voice": "PIPELINE_NOT_FOUND",
        "config.person.confidence_threshold": "VALUE_OUT_OF_RANGE",
        "config.person.max_persons": "INVALID_TYPE",
        "config.person.pose": "INVALID_TYPE",
        "config.person.iou_treshold": "UNKNOWN_FIELD",
        "config.scene.detector": "INVALID_VALUE",
        "config.scene.threshold": "VALUE_OUT_OF_RANGE",
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_must_be_finite(value: float) -> None:
    found = violations(["scene"], {"scene": {"min_scene_length": value}})
    assert found["config.scene.min_scene_length"].code == "VALUE_OUT_OF_RANGE"


@pytest.mark.parametrize("value", [True, "0.5", [0.5], {}])
def test_nothing_else_passes_for_a_number(value: Any) -> None:
    found = violations(["person"], {"person": {"confidence_threshold": value}})
    assert found["config.person.confidence_threshold"].code == "INVALID_TYPE"


def test_a_violation_says_what_is_allowed_and_gives_an_example() -> None:
    violation = violations(["person"], {"person": {"max_persons": 500}})["config.person.max_persons"]
    assert violation.allowed == {"type": "integer", "minimum": 1, "maximum": 100}
    assert violation.example == 20
    assert "500" in violation.message


def test_a_threshold_has_the_range_of_its_detector() -> None:
    config = {"detector": "hash", "threshold": 30}
    violation = violations(["scene"], {"scene": config})["config.scene.threshold"]
    assert (violation.code, violation.example) == ("VALUE_OUT_OF_RANGE", 0.35)
    assert (violation.allowed["minimum"], violation.allowed["maximum"]) == (0.0, 1.0)


@pytest.mark.parametrize("value", [5, 5.0])
def test_a_whole_number_is_told_as_one(value: float) -> None:
    violation = violations(["person"], {"person": {"confidence_threshold": value}})[
        "config.person.confidence_threshold"
    ]
    assert "confidence_threshold is 5: " in violation.message


def test_a_list_that_is_too_short_says_how_long_it_must_be() -> None:
    violation = violations(["scene"], {"scene": {"labels": ["kitchen"]}})["config.scene.labels"]
    assert violation.message == 'config.scene.labels is ["kitchen"]: it needs at least 2 entries.'
    assert violation.allowed == {"type": "array", "minItems": 2, "maxItems": 100}


@pytest.mark.parametrize(("entry", "code"), [("", "INVALID_VALUE"), (3, "INVALID_TYPE")])
def test_a_wrong_entry_of_a_list_is_all_that_is_wrong(entry: Any, code: str) -> None:
    [violation] = violations(["scene"], {"scene": {"labels": ["kitchen", entry]}}).values()
    assert (violation.field, violation.code) == ("config.scene.labels[1]", code)
    assert violation.allowed == {"type": "string", "minLength": 1, "maxLength": 200}
    assert violation.example == "living room"


def test_no_list_is_no_list() -> None:
    violation = violations(["scene"], {"scene": {"labels": "kitchen"}})["config.scene.labels"]
    assert (violation.code, violation.message) == (
        "INVALID_TYPE",
        'config.scene.labels is "kitchen": input should be a list.',
    )


def test_each_option_has_an_example_even_if_its_default_is_null() -> None:
    for spec in REGISTRY:
        properties = spec.config_schema()["properties"]
        for option in properties:
            if not properties[option].get("deprecated"):
                [violation] = violations([spec.name], {spec.name: {option: {}}}).values()
                assert violation.example is not None, violation


def test_a_misspelt_option_is_answered_with_the_nearest_one() -> None:
    violation = violations(["person"], {"person": {"max_person": 2}})["config.person.max_person"]
    assert violation.code == "UNKNOWN_FIELD"
    assert "'max_persons'" in violation.message


def test_an_option_given_under_two_names_is_refused() -> None:
    config = {"confidence_threshold": 0.2, "conf_threshold": 0.3}
    violation = violations(["person"], {"person": config})["config.person.conf_threshold"]
    assert "the same as confidence_threshold" in violation.message


def test_a_pipeline_configured_under_two_names_is_refused() -> None:
    assert violations(["scene"], {"scene": {}, "scene_detection": {}})["config.scene_detection"].code == "INVALID_VALUE"


@pytest.mark.parametrize("config", [[], "x", 3])
def test_a_config_is_an_object(config: Any) -> None:
    assert violations(["scene"], config)["config"].code == "INVALID_TYPE"


def test_a_section_is_an_object() -> None:
    assert violations(["scene"], {"scene": 30})["config.scene"].code == "INVALID_TYPE"


def test_unknown_names_alone_are_not_found() -> None:
    with pytest.raises(PipelineNotFoundError) as caught:
        validate_config(REGISTRY, ["scene", "persn", "zzz"])
    assert [violation.field for violation in caught.value.violations] == ["pipelines[1]", "pipelines[2]"]
    assert "'person_tracking'" in str(caught.value.hint)


def test_no_pipeline_is_a_violation() -> None:
    assert violations([], {})["pipelines"].code == "REQUIRED_FIELD_MISSING"


def test_a_section_of_a_pipeline_that_was_not_selected_is_checked_and_warned_about() -> None:
    validated = validate_config(REGISTRY, ["scene"], {"person": {"max_persons": 3}})
    assert list(validated.config) == ["scene_detection"]
    assert validated.warnings == ("config.person has no effect: person_tracking was not selected.",)
    assert violations(["scene"], {"person": {"max_persons": 0}}).keys() == {"config.person.max_persons"}


def test_without_a_selection_every_section_is_checked() -> None:
    assert validate_config(REGISTRY, None, {"scene": {}}).pipelines == ("scene_detection",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [name for spec in BUILT_IN for name in spec.config_model.model_fields]


@given(
    st.none() | st.lists(st.sampled_from(["person", "scene", "x"]), max_size=3),
    JSON | st.dictionaries(st.sampled_from(["person", "scene", "x"]), st.dictionaries(st.sampled_from(FIELDS), JSON)),
)
def test_any_input_is_either_accepted_or_refused_with_reasons(pipelines: list[str] | None, config: Any) -> None:
    try:
        validated = validate_config(REGISTRY, pipelines, config)
    except (InvalidConfigError, PipelineNotFoundError) as refusal:
        reasons = refusal.violations
    else:
        again = validate_config(REGISTRY, validated.pipelines or None, validated.config)
        assert again.config == validated.config
        return
    assert reasons
    assert all(violation.field and violation.code and violation.message for violation in reasons)
