"""Errors of calls, jobs and this program come out in one shape, with one exit code."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo

from videoannotator.cli.exit_codes import ExitCode, exit_code_of
from videoannotator.cli.failure import Failure, failure_of_call, failure_of_envelope
from videoannotator.errors import InvalidConfigError, Violation, error_classes
from videoannotator.v1.errors_pb2 import ErrorEnvelope


def test_the_envelope_of_a_call_is_decoded_with_every_violation(call_error):
    wrong = {
        "field": "config.scene_detection.threshold",
        "code": "VALUE_OUT_OF_RANGE",
        "message": "too high",
        "allowed": {"maximum": 255.0},
        "example": 27.0,
    }
    envelope = ParseDict(
        {
            "code": "INVALID_CONFIG",
            "message": "wrong",
            "hint": "do this",
            "field": wrong["field"],
            "detail": {"violations": [wrong], "more": 1},
        },
        ErrorEnvelope(),
    )
    error = call_error(grpc.StatusCode.INVALID_ARGUMENT, "wrong", [ErrorInfo(reason="INVALID_CONFIG"), envelope])
    assert failure_of_call(error, "lab:1") == Failure(
        "INVALID_CONFIG", "wrong", "INVALID_ARGUMENT", "do this", wrong["field"], (Violation(**wrong),), {"more": 1.0}
    )


def test_violations_of_the_standard_details_are_taken_when_the_envelope_has_none(call_error):
    bad_request = BadRequest()
    bad_request.field_violations.add(field="priority", description="too high", reason="VALUE_OUT_OF_RANGE")
    error = call_error(grpc.StatusCode.INVALID_ARGUMENT, "", [ErrorEnvelope(code="INVALID_REQUEST"), bad_request])
    assert failure_of_call(error, "lab:1").violations == (Violation("priority", "VALUE_OUT_OF_RANGE", "too high"),)


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", ExitCode.UNREACHABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "SERVICE_UNAVAILABLE", ExitCode.UNREACHABLE),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHORIZED", ExitCode.UNAUTHORIZED),
        (grpc.StatusCode.PERMISSION_DENIED, "FORBIDDEN", ExitCode.UNAUTHORIZED),
        (grpc.StatusCode.UNIMPLEMENTED, "INTERNAL_ERROR", ExitCode.FAILED),
        (grpc.StatusCode.UNKNOWN, "INTERNAL_ERROR", ExitCode.FAILED),
    ],
)
def test_an_error_that_grpc_made_itself_gets_a_name_and_a_hint(call_error, status, code, exit_code):
    failure = failure_of_call(call_error(status, "text"), "lab:1")
    assert failure.code == code
    assert failure.hint
    assert exit_code_of(failure.status) is exit_code


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ("ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused", "Connection refused"),
        ("ipv4:127.0.0.1:1: SSL: CERTIFICATE_VERIFY_FAILED: self signed certificate: OK", "self signed certificate"),
    ],
)
def test_the_story_of_failed_connections_is_cut_to_its_end(call_error, story, end):
    text = f"failed to connect to all addresses; last error: UNKNOWN: {story}"
    failure = failure_of_call(call_error(grpc.StatusCode.UNAVAILABLE, text), "lab:1")
    assert failure.message == f"The server at lab:1 does not answer: {end}"
    assert ("--tls-ca" in (failure.hint or "")) == ("certificate" in end)


def test_a_code_that_this_version_does_not_know_is_kept():
    assert failure_of_envelope(ErrorEnvelope(code="BRAND_NEW", message="m")).code == "BRAND_NEW"


def test_the_json_form_has_the_violations_in_the_detail():
    error = InvalidConfigError("wrong", {"more": 1}, violations=(Violation("a", "INVALID_VALUE", "m"),))
    assert Failure.of(error).as_dict()["detail"] == {
        "more": 1,
        "violations": [{"field": "a", "code": "INVALID_VALUE", "message": "m"}],
    }


def test_every_error_of_the_taxonomy_has_an_exit_code_that_is_not_success():
    for error in error_classes():
        assert exit_code_of(error.grpc_status) not in {ExitCode.OK, ExitCode.BUG}
