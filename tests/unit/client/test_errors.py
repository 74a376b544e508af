"""What the server, or gRPC itself, says about a failed call becomes one typed error."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from videoannotator_client.errors import error_of_call, error_of_envelope, is_passing, is_unavailable

from tests.support.play import retry_after, termination
from videoannotator.errors import InternalError, InvalidConfigError, VideoAnnotatorError, Violation
from videoannotator.v1.errors_pb2 import ErrorEnvelope


def said(status: str, *details: Message, text: str = "text") -> VideoAnnotatorError:
    trailers, code, _ = termination(status, details)
    error = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailers), details=text)
    return error_of_call(error, "lab:1")


def test_the_envelope_is_decoded_with_every_violation():
    wrong = {
        "field": "config.scene_detection.threshold",
        "code": "VALUE_OUT_OF_RANGE",
        "message": "too high",
        "allowed": {"maximum": 255.0},
        "example": 27.0,
    }
    content = {
        "code": "INVALID_CONFIG",
        "message": "wrong",
        "hint": "do this",
        "detail": {"violations": [wrong], "more": 1},
    }
    error = said("INVALID_ARGUMENT", ErrorInfo(reason="INVALID_CONFIG"), ParseDict(content, ErrorEnvelope()))
    assert type(error) is InvalidConfigError
    assert (error.message, error.hint, error.field, error.violations, error.detail) == (
        "wrong", "do this", wrong["field"], (Violation(**wrong),), {"more": 1.0},
    )  # fmt: skip


def test_violations_of_the_standard_details_are_taken_when_the_envelope_has_none():
    bad_request = BadRequest()
    bad_request.field_violations.add(field="priority", description="too high", reason="VALUE_OUT_OF_RANGE")
    error = said("INVALID_ARGUMENT", ErrorEnvelope(code="INVALID_REQUEST"), bad_request)
    assert error.violations == (Violation("priority", "VALUE_OUT_OF_RANGE", "too high"),)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("UNAVAILABLE", "SERVICE_UNAVAILABLE"),
        ("DEADLINE_EXCEEDED", "SERVICE_UNAVAILABLE"),
        ("UNAUTHENTICATED", "UNAUTHORIZED"),
        ("PERMISSION_DENIED", "FORBIDDEN"),
        ("INVALID_ARGUMENT", "INVALID_REQUEST"),
        ("RESOURCE_EXHAUSTED", "INVALID_REQUEST"),
        ("UNIMPLEMENTED", "INTERNAL_ERROR"),
        ("UNKNOWN", "INTERNAL_ERROR"),
    ],
)
def test_an_error_that_grpc_made_itself_gets_a_name_and_a_hint(status: str, code: str):
    error = said(status)
    assert error.code == code
    assert error.hint
    assert is_unavailable(error) == (status == "UNAVAILABLE")


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ("ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused", "Connection refused"),
        ("ipv4:127.0.0.1:1: SSL: CERTIFICATE_VERIFY_FAILED: self signed certificate: OK", "self signed certificate"),
    ],
)
def test_the_story_of_failed_connections_is_cut_to_its_end(story: str, end: str):
    error = said("UNAVAILABLE", text=f"failed to connect to all addresses; last error: UNKNOWN: {story}")
    assert error.message == f"The server at lab:1 does not answer: {end}"
    assert ("--tls-ca" in (error.hint or "")) == ("certificate" in end)


def test_details_that_contradict_the_status_are_left_out():
    trailers, _, _ = termination("NOT_FOUND", [ErrorEnvelope(code="JOB_NOT_FOUND", message="m")])
    metadata = grpc.aio.Metadata(*trailers)
    error = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), metadata, details="proxy")
    assert error_of_call(error, "lab:1").code == "SERVICE_UNAVAILABLE"


def test_a_code_that_this_version_does_not_know_is_kept():
    error = error_of_envelope(ErrorEnvelope(code="BRAND_NEW", message="m"), "ABORTED")
    assert isinstance(error, InternalError)
    assert (error.code, error.grpc_status, str(error)) == ("BRAND_NEW", "ABORTED", "BRAND_NEW: m")


def test_a_connection_that_breaks_while_grpc_sends_is_lost_like_any_other():
    assert is_unavailable(said("INTERNAL", text="Internal error from Core"))
    assert not is_unavailable(said("INTERNAL", text="another"))


def test_what_may_pass():
    full = ErrorEnvelope(code="STORAGE_EXHAUSTED", message="m")
    assert is_passing(said("UNAVAILABLE"))
    assert is_passing(said("RESOURCE_EXHAUSTED", full, retry_after(2)))
    assert not is_passing(said("RESOURCE_EXHAUSTED", full))
    assert not is_passing(said("DEADLINE_EXCEEDED"))
    assert not is_passing(ValueError())
