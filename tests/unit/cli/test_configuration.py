"""What the user's pipelines, files and settings come to."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from videoannotator_client.names import names_in

from videoannotator.cli.configuration import chosen_pipelines, load_configuration, pairs, parse_value
from videoannotator.errors import InvalidRequestError


def test_names_are_split_at_commas_and_kept_once():
    assert names_in(["person, scene", "scene,", "face"]) == ["person", "scene", "face"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3", 0.3),
        ("5", 5),
        ("true", True),
        ("null", None),
        ('"5"', "5"),
        ("content", "content"),
        ("[1, 2]", [1, 2]),
        ("", ""),
    ],
)
def test_a_setting_is_json_or_itself(text, value):
    assert parse_value(text) == value


def test_settings_win_over_the_file_and_leave_the_rest(tmp_path: Path):
    file = tmp_path / "study.toml"
    file.write_text("[person_tracking]\nmax_persons = 2\npose = false\n")
    assert load_configuration(file, ["person_tracking.max_persons=7", "scene_detection.detector=hash"]) == {
        "person_tracking": {"max_persons": 7, "pose": False},
        "scene_detection": {"detector": "hash"},
    }


def test_a_file_is_json_unless_it_is_named_toml(tmp_path: Path):
    file = tmp_path / "study.conf"
    file.write_text('{"scene_detection": {"threshold": 30}}')
    assert load_configuration(file, []) == {"scene_detection": {"threshold": 30}}


@pytest.mark.parametrize("setting", ["threshold=1", ".threshold=1", "scene.=1", "scene_detection.threshold", "=1"])
def test_a_setting_must_name_pipeline_option_and_value(setting):
    with pytest.raises(InvalidRequestError) as caught:
        load_configuration(None, [setting])
    assert caught.value.field == "--set"


def test_a_setting_cannot_go_below_a_value():
    with pytest.raises(InvalidRequestError, match="is a value, not a section"):
        load_configuration(None, ["scene.threshold=1", "scene.threshold.low=1"])


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'"text"'])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, content):
    file = tmp_path / "study.json"
    file.write_bytes(content)
    with pytest.raises(InvalidRequestError) as caught:
        load_configuration(file, [])
    assert caught.value.field == "--config"


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidRequestError, match=r"nowhere\.json cannot be read: No such file"):
        load_configuration(tmp_path / "nowhere.json", [])


def test_pipelines_default_to_the_sections_of_the_configuration():
    assert chosen_pipelines([], {"scene": {}, "person": {}}) == ["scene", "person"]
    assert chosen_pipelines(["person"], {"scene": {}}) == ["person"]
    with pytest.raises(InvalidRequestError, match="No pipeline was named"):
        chosen_pipelines([], {})


def test_labels_keep_everything_after_the_first_equals_sign():
    assert pairs(["study=a=b", "empty="], "--label") == {"study": "a=b", "empty": ""}
    with pytest.raises(InvalidRequestError, match="KEY=VALUE"):
        pairs(["study"], "--label")


def test_a_date_in_toml_is_refused_before_it_is_sent():
    from videoannotator_client.requests import as_struct

    with pytest.raises(InvalidRequestError, match="JSON cannot express"):
        as_struct({"scene_detection": {"threshold": datetime.date(2026, 1, 1)}})
