"""Messages as the JSON that clients of the earlier program know."""

from __future__ import annotations

import json

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from videoannotator_server.rest.render import dumps, render
from videoannotator_server.rest.shapes import as_json

from videoannotator.v1 import jobs_pb2, pipelines_pb2, types_pb2, videos_pb2


def test_unset_is_null_and_numbers_are_numbers() -> None:
    video = types_pb2.Video(id="v", size_bytes=5_000_000_000, state=types_pb2.VIDEO_STATE_UPLOADING)
    video.created_at.FromMilliseconds(1_767_323_045_678)
    assert render(video) == {
        "id": "v",
        "filename": "",
        "size_bytes": 5_000_000_000,
        "committed_bytes": 0,
        "state": "uploading",
        "sha256": None,
        "created_at": "2026-01-02T03:04:05.678Z",
        "expires_at": None,
        "media": None,
    }


def test_names_of_values_are_short_and_lower_case() -> None:
    for number, name in [(1, "pending"), (3, "cancelling"), (6, "cancelled")]:
        assert render(types_pb2.Job(status=number))["status"] == name
    assert render(types_pb2.Job())["status"] is None
    change = jobs_pb2.StatusChange(status=types_pb2.JOB_STATUS_RUNNING)
    assert render(change)["status"] == "running"


def test_durations_are_seconds() -> None:
    run = types_pb2.PipelineRun()
    run.elapsed.FromMilliseconds(1500)
    assert render(run)["elapsed"] == 1.5


def test_maps_keep_their_keys() -> None:
    assert render(types_pb2.Job(labels={"b": "2", "a": "1"}))["labels"] == {"a": "1", "b": "2"}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_free_form_json_comes_back_as_it_was(content: dict[str, object]) -> None:
    message = struct_pb2.Struct()
    message.update(content)
    assert json.loads(dumps(render(message))) == content


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_null(number: float) -> None:
    assert render(types_pb2.Job(progress=number))["progress"] is None


def test_a_job_has_the_keys_of_older_clients_wherever_it_stands() -> None:
    job = types_pb2.Job(id="j", pipelines=["scene_detection"], runs=[types_pb2.PipelineRun(pipeline="scene_detection")])
    job.error.message = "broken"
    event = as_json(jobs_pb2.JobEvent(job_id="j", snapshot=job))
    assert event["snapshot"]["selected_pipelines"] == ["scene_detection"]
    assert event["snapshot"]["pipelines"][0]["pipeline"] == "scene_detection"
    assert event["snapshot"]["error_message"] == "broken"
    assert "runs" not in event["snapshot"]


def test_a_pipeline_keeps_the_names_of_older_clients() -> None:
    pipeline = pipelines_pb2.Pipeline(name="p", family="person", available=True)
    pipeline.config_schema.update({"properties": {"a": {"type": "integer", "default": 3}}})
    plain = as_json(pipeline)
    assert (plain["pipeline_family"], plain["enabled"]) == ("person", True)
    assert plain["config_schema"] == {"a": {"type": "integer", "default": 3}}
    assert plain["examples"] == [{"config": {"p": {"a": 3}}}]


def test_the_last_page_has_no_next_one() -> None:
    assert as_json(videos_pb2.ListVideosResponse())["next_page_token"] is None
