"""Errors as gRPC statuses."""

from __future__ import annotations

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st
from videoannotator_server.statuses import status_of

from videoannotator.errors import InvalidConfigError, QuotaExceededError, VideoAnnotatorError, Violation, error_classes
from videoannotator.v1 import errors_pb2

_DETAILS = "grpc-status-details-bin"


def unpack(status: grpc.Status) -> status_pb2.Status:
    (pair,) = [each for each in status.trailing_metadata if each[0] == _DETAILS]
    return status_pb2.Status.FromString(pair[1])


def envelope(status: grpc.Status) -> errors_pb2.ErrorEnvelope:
    found = errors_pb2.ErrorEnvelope()
    assert unpack(status).details[0].Unpack(found)
    return found


@pytest.mark.parametrize("cls", list(error_classes()), ids=lambda cls: cls.code)
def test_every_error_becomes_its_status_with_envelope_and_info(cls: type[VideoAnnotatorError]) -> None:
    status = status_of(cls("what happened", {"id": "x"}))
    assert status.code is grpc.StatusCode[cls.grpc_status]
    assert envelope(status).code == cls.code
    assert envelope(status).hint == cls.default_hint
    info = error_details_pb2.ErrorInfo()
    assert unpack(status).details[1].Unpack(info)
    assert info.reason == cls.code


def test_an_error_that_may_pass_says_when_to_retry() -> None:
    details = unpack(status_of(QuotaExceededError("full", retry_after=2.5))).details
    retry = error_details_pb2.RetryInfo()
    assert details[-1].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 2500


@given(count=st.integers(0, 300), length=st.integers(0, 3000))
def test_a_status_always_fits_into_trailers(count: int, length: int) -> None:
    violations = [Violation(f"config.{n}", "INVALID_VALUE", "x" * (length % 200), list(range(5))) for n in range(count)]
    status = status_of(InvalidConfigError("m" * length, violations=violations))
    found = envelope(status)
    assert unpack(status).ByteSize() < 6_000
    kept = len(found.detail["violations"]) if count else 0
    omitted = {**found.detail}.get("violations_omitted", 0)
    assert kept + omitted == count
