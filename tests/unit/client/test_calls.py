"""Calls: who is calling, how long, what is tried again and for how long, and what an error becomes."""

from __future__ import annotations

import pytest

from tests.support.play import PATIENCE, Play, retry_after
from videoannotator.errors import (
    JobNotFoundError,
    JobNotRetryableError,
    QuotaExceededError,
    ServiceUnavailableError,
    VideoAnnotatorError,
    error_classes,
)
from videoannotator.v1.errors_pb2 import ErrorEnvelope
from videoannotator.v1.jobs_pb2 import ListJobsResponse
from videoannotator.v1.types_pb2 import Job, Video
from videoannotator.v1.videos_pb2 import ListVideosResponse


def test_a_call_carries_the_token(play: Play):
    found = play.start(lambda client: client.job("j"))
    assert play.answer("GetJob", Job(id="j")).job_id == "j"
    assert found.result().id == "j"
    assert ("authorization", "Bearer va_secret") in play.metadata


@pytest.mark.parametrize("kind", list(error_classes()), ids=lambda kind: kind.code)
def test_every_code_becomes_its_exception(play: Play, kind: type[VideoAnnotatorError]):
    found = play.start(lambda client: client.retry("j"))
    envelope = ErrorEnvelope(code=kind.code, message="what happened", hint="do this", field="job_id")
    envelope.detail.update({"job_id": "j"})
    play.refuse("RetryJob", kind.grpc_status, envelope)
    with pytest.raises(kind) as caught:
        found.result()
    error = caught.value
    assert (error.code, error.message, error.hint, error.field, error.detail) == (
        kind.code, "what happened", "do this", "job_id", {"job_id": "j"},
    )  # fmt: skip


def test_a_server_that_is_away_is_asked_again_until_it_answers(play: Play):
    found = play.start(lambda client: client.job("j"))
    for _ in range(3):
        play.refuse("GetJob", "UNAVAILABLE")
    play.answer("GetJob", Job(id="j"))
    assert found.result().id == "j"
    assert len(play.naps) == 3


def test_a_server_that_stays_away_is_given_up_after_the_patience(play: Play):
    found = play.start(lambda client: client.job("j"))
    play.refuse_for_ever("GetJob", "UNAVAILABLE")
    with pytest.raises(ServiceUnavailableError, match="lab:1 does not answer"):
        found.result()
    assert PATIENCE <= play.time.time() < PATIENCE + 10
    assert max(play.naps) <= 10


def test_a_full_server_is_asked_again_when_it_says(play: Play):
    found = play.start(lambda client: client.submit(video_id="v", pipelines="scene"))
    full = ErrorEnvelope(code="QUOTA_EXCEEDED", message="full")
    first = play.refuse("SubmitJob", "RESOURCE_EXHAUSTED", full, retry_after(7.5))
    second = play.answer("SubmitJob", Job(id="j"))
    assert found.result().id == "j"
    assert play.naps[0] >= 7.5
    assert first.request_id == second.request_id != ""


def test_a_full_server_that_names_no_time_is_not_asked_again(play: Play):
    found = play.start(lambda client: client.submit(video_id="v", pipelines="scene"))
    play.refuse("SubmitJob", "RESOURCE_EXHAUSTED", ErrorEnvelope(code="QUOTA_EXCEEDED", message="full"))
    with pytest.raises(QuotaExceededError):
        found.result()


@pytest.mark.parametrize(("act", "call"), [("retry", "RetryJob"), ("create_token", "CreateToken")])
def test_what_must_not_happen_twice_is_asked_once(play: Play, act: str, call: str):
    found = play.start(lambda client: getattr(client, act)("name"))
    play.refuse(call, "UNAVAILABLE")
    with pytest.raises(ServiceUnavailableError):
        found.result()
    assert play.naps == []


def test_another_error_is_not_tried_again(play: Play):
    found = play.start(lambda client: client.retry("j"))
    play.refuse("RetryJob", "FAILED_PRECONDITION", ErrorEnvelope(code="JOB_NOT_RETRYABLE", message="no"))
    with pytest.raises(JobNotRetryableError):
        found.result()


def test_a_deletion_whose_answer_was_lost_is_a_deletion(play: Play):
    gone = ErrorEnvelope(code="JOB_NOT_FOUND", message="gone")
    found = play.start(lambda client: client.delete("j"))
    play.refuse("DeleteJob", "UNAVAILABLE")
    play.refuse("DeleteJob", "NOT_FOUND", gone)
    assert found.result() is None
    found = play.start(lambda client: client.delete("j"))
    play.refuse("DeleteJob", "NOT_FOUND", gone)
    with pytest.raises(JobNotFoundError):
        found.result()


def test_a_list_is_as_many_pages_as_it_takes(play: Play):
    found = play.start(lambda client: client.jobs(status="failed", labels={"a": "b"}))
    first = play.answer("ListJobs", ListJobsResponse(jobs=[Job(id="1")], next_page_token="t", total=2))
    assert (first.page_size, first.page_token, dict(first.labels)) == (100, "", {"a": "b"})
    assert play.answer("ListJobs", ListJobsResponse(jobs=[Job(id="2")], total=2)).page_token == "t"
    assert [each.id for each in found.result()] == ["1", "2"]


def test_a_limited_list_knows_how_many_there_are(play: Play):
    found = play.start(lambda client: client.videos(1))
    page = ListVideosResponse(videos=[Video(id="1")], next_page_token="t", total=9)
    assert play.answer("ListVideos", page).page_size == 1
    assert (len(found.result()), found.result().total) == (1, 9)
