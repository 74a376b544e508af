"""Every bad request gets its documented code, its hint and every violation, and the service goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from tests.support.service import Client, envelope
from videoannotator.pipelines.registry import Registry
from videoannotator.v1 import artifacts_pb2, jobs_pb2, pipelines_pb2, tokens_pb2, types_pb2, videos_pb2


@pytest.fixture(scope="module")
def video(service, short_video: Path) -> types_pb2.Video:
    return service.client().upload(short_video)


def refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value


def test_an_unknown_pipeline_names_the_known_ones(client: Client, video: types_pb2.Video) -> None:
    error = refused(lambda: client.submit(video.id, "persn_tracking"))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    found = envelope(error)
    assert found.code == "PIPELINE_NOT_FOUND"
    assert "person_tracking" in found.hint + found.message


def test_every_violation_is_told_at_once(client: Client, video: types_pb2.Video) -> None:
    config = {
        "person_tracking": {"confidence_threshold": 7, "no_such": 1},
        "scene_detection": {"min_scene_length": "long"},
    }
    error = refused(
        lambda: client.submit(
            video.id, "person", "scene", config=config, priority=1000, max_attempts=0, outputs=["coco", "xml"]
        )
    )
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = envelope(error)
    fields = {violation["field"]: violation for violation in found.detail["violations"]}
    assert set(fields) == {
        "config.person_tracking.confidence_threshold",
        "config.person_tracking.no_such",
        "config.scene_detection.min_scene_length",
        "outputs[1]",
        "priority",
        "max_attempts",
    }
    threshold = fields["config.person_tracking.confidence_threshold"]
    assert threshold["code"] == "VALUE_OUT_OF_RANGE"
    assert threshold["allowed"]["maximum"] == 1
    assert threshold["example"] is not None
    bad_request = error_details_pb2.BadRequest()
    assert any(detail.Unpack(bad_request) for detail in rpc_status.from_call(error).details)
    assert {violation.field for violation in bad_request.field_violations} == set(fields)


def test_hundreds_of_violations_still_fit_into_a_status(client: Client, video: types_pb2.Video) -> None:
    config = {"scene_detection": {f"unknown_option_number_{number}": number for number in range(500)}}
    found = envelope(refused(lambda: client.submit(video.id, config=config)))
    assert found.code == "INVALID_CONFIG"
    assert found.detail["violations_omitted"] > 0


def test_validate_config_answers_with_violations_not_with_an_error(client: Client) -> None:
    config = json_format.ParseDict({"scene_detection": {"threshold": -1}}, struct_pb2.Struct())
    answer = client.pipelines.ValidateConfig(pipelines_pb2.ValidateConfigRequest(config=config))
    assert not answer.valid
    assert [violation.field for violation in answer.violations] == ["config.scene_detection.threshold"]
    good = client.pipelines.ValidateConfig(pipelines_pb2.ValidateConfigRequest(pipelines=["scene"]))
    assert good.valid
    assert good.normalized["scene_detection"]["threshold"] > 0


def test_validate_config_tells_what_is_not_on_this_machine(client: Client, video: types_pb2.Video) -> None:
    config = {"speech_recognition": {"model": "large-v3"}}
    asked = json_format.ParseDict(config, struct_pb2.Struct())
    [missing] = client.pipelines.ValidateConfig(pipelines_pb2.ValidateConfigRequest(config=asked)).violations
    assert (missing.field, missing.code) == ("config.speech_recognition", "MODEL_MISSING")
    assert "videoannotator models pull whisper-large-v3" in missing.message
    assert envelope(refused(lambda: client.submit(video.id, "speech", config=config))).code == "MODEL_MISSING"


@pytest.mark.parametrize(
    ("name", "call", "code"),
    [
        ("job", lambda c: c.job("nope"), "JOB_NOT_FOUND"),
        ("cancel", lambda c: c.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id="nope")), "JOB_NOT_FOUND"),
        ("retry", lambda c: c.jobs.RetryJob(jobs_pb2.RetryJobRequest(job_id="")), "JOB_NOT_FOUND"),
        ("watch", lambda c: list(c.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id="nope"))), "JOB_NOT_FOUND"),
        ("submit", lambda c: c.submit("nope"), "VIDEO_NOT_FOUND"),
        ("no pipeline", lambda c: c.jobs.SubmitJob(jobs_pb2.SubmitJobRequest(video_id="x")), "INVALID_CONFIG"),
        ("video", lambda c: c.videos.GetVideo(videos_pb2.GetVideoRequest(video_id="../x")), "VIDEO_NOT_FOUND"),
        ("write", lambda c: c.videos.WriteVideo(iter([])), "INVALID_REQUEST"),
        (
            "artifact",
            lambda c: list(c.artifacts.DownloadArtifact(artifacts_pb2.DownloadArtifactRequest(artifact_id="x"))),
            "ARTIFACT_NOT_FOUND",
        ),
        (
            "archive",
            lambda c: list(c.artifacts.DownloadArchive(artifacts_pb2.DownloadArchiveRequest(job_id="x"))),
            "JOB_NOT_FOUND",
        ),
        ("page size", lambda c: c.jobs.ListJobs(jobs_pb2.ListJobsRequest(page_size=101)), "INVALID_REQUEST"),
        ("page", lambda c: c.jobs.ListJobs(jobs_pb2.ListJobsRequest(page=-1)), "INVALID_REQUEST"),
        ("page token", lambda c: c.jobs.ListJobs(jobs_pb2.ListJobsRequest(page_token="%%")), "INVALID_REQUEST"),
        ("status", lambda c: c.jobs.ListJobs(jobs_pb2.ListJobsRequest(status=99)), "INVALID_REQUEST"),
        (
            "pipeline",
            lambda c: c.pipelines.GetPipeline(pipelines_pb2.GetPipelineRequest(name="x")),
            "PIPELINE_NOT_FOUND",
        ),
        ("token", lambda c: c.tokens.RevokeToken(tokens_pb2.RevokeTokenRequest(token_id="x")), "TOKEN_NOT_FOUND"),
        ("token name", lambda c: c.tokens.CreateToken(tokens_pb2.CreateTokenRequest()), "INVALID_REQUEST"),
    ],
)
def test_each_mistake_has_its_code(client: Client, name: str, call: Any, code: str) -> None:
    assert envelope(refused(lambda: call(client))).code == code, name


def test_an_unfinished_video_cannot_be_annotated(client: Client) -> None:
    video = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=10))
    error = refused(lambda: client.submit(video.id))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert envelope(error).code == "VIDEO_NOT_READY"


def test_a_sound_without_picture_is_told_at_submission(client: Client, tmp_path: Path) -> None:
    from videoannotator.testing.audio import tone
    from videoannotator.testing.videos import write_audio

    video = client.upload(write_audio(tmp_path / "voice.wav", tone(440, 1)))
    assert video.state == types_pb2.VIDEO_STATE_READY
    assert video.media.audio_sample_rate > 0
    assert not video.media.HasField("width")
    assert envelope(refused(lambda: client.submit(video.id))).code == "STREAM_MISSING"


def test_a_watch_of_the_future_is_refused(client: Client, video: types_pb2.Video) -> None:
    job = client.wait(client.submit(video.id).id)
    request = jobs_pb2.WatchJobRequest(job_id=job.id, after_sequence=10_000)
    assert envelope(refused(lambda: list(client.jobs.WatchJob(request)))).code == "INVALID_REQUEST"


def test_wrong_states_are_told(client: Client, video: types_pb2.Video) -> None:
    job = client.wait(client.submit(video.id).id)
    cancel = refused(lambda: client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id)))
    retry = refused(lambda: client.jobs.RetryJob(jobs_pb2.RetryJobRequest(job_id=job.id)))
    assert envelope(cancel).code == "JOB_ALREADY_COMPLETED"
    assert envelope(retry).code == "JOB_NOT_RETRYABLE"


def test_pipelines_describe_themselves(client: Client) -> None:
    listed = client.pipelines.ListPipelines(pipelines_pb2.ListPipelinesRequest()).pipelines
    assert [pipeline.name for pipeline in listed] == sorted(Registry.load().names)
    person = client.pipelines.GetPipeline(pipelines_pb2.GetPipelineRequest(name="person"))
    assert person in listed
    assert person.available
    assert {model.licence for model in person.models}
    option = person.config_schema["properties"]["confidence_threshold"]
    assert option["default"] is not None
    assert option["description"]
    assert option["maximum"] == 1
