"""Errors as gRPC statuses: an ErrorEnvelope beside the standard details, small enough for every client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from videoannotator.errors import VideoAnnotatorError, Violation
from videoannotator.outcome import ErrorRecord
from videoannotator_server import request_ids
from videoannotator_server.messages import envelope

_DOMAIN = "videoannotator"
# Clients written in C and Python refuse trailers between 8 and 16 KiB; the status is sent base64-encoded.
_MAX_STATUS_BYTES = 5_000
_MAX_MESSAGE = 1_000
_MAX_QUOTE = 200
"""Most characters of any text of the caller that an error repeats."""
MAX_VIOLATIONS = 100


def status_of(error: VideoAnnotatorError) -> grpc.Status:
    """Return the status that tells a client everything about ``error``; long lists of violations are cut."""
    kept = min(len(error.violations), MAX_VIOLATIONS)
    while True:
        status = _status(error, kept)
        if kept == 0 or status.ByteSize() <= _MAX_STATUS_BYTES:
            return rpc_status.to_status(status)
        kept = kept * 3 // 4


def shortened(error: VideoAnnotatorError, kept: int) -> tuple[ErrorRecord, list[Violation]]:
    """Return what a client reads about ``error``: at most ``kept`` of its violations, and every text cut to size."""
    violations = [_clipped(violation) for violation in error.violations[:kept]]
    detail = _cut(dict(error.detail))
    if error.violations:
        detail["violations"] = [violation.as_dict() for violation in violations]
        if kept < len(error.violations):
            detail["violations_omitted"] = len(error.violations) - kept
    if request_id := request_ids.current():
        detail["request_id"] = request_id
    record = ErrorRecord(
        code=error.code,
        message=error.message[:_MAX_MESSAGE],
        hint=_cut(error.hint, _MAX_MESSAGE),
        field=_cut(error.field),
        detail=detail,
    )
    return record, violations


def _status(error: VideoAnnotatorError, kept: int) -> status_pb2.Status:
    record, violations = shortened(error, kept)
    details: list[Message] = [
        envelope(record, time.time()),
        error_details_pb2.ErrorInfo(reason=error.code, domain=_DOMAIN),
    ]
    if violations:
        bad_request = error_details_pb2.BadRequest()
        for violation in violations:
            bad_request.field_violations.add(
                field=violation.field, description=violation.message, reason=violation.code
            )
        details.append(bad_request)
    if error.retryable:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(1000 * (error.retry_after or 1.0)))
        details.append(retry)
    return status_pb2.Status(
        code=grpc.StatusCode[error.grpc_status].value[0],
        message=record.message,
        details=[_packed(each) for each in details],
    )


def _clipped(violation: Violation) -> Violation:
    return replace(
        violation,
        field=_cut(violation.field),
        message=_cut(violation.message, _MAX_MESSAGE // 2),
        allowed=_cut(violation.allowed),
        example=_cut(violation.example),
    )


def _cut(content: Any, limit: int = _MAX_QUOTE) -> Any:
    """Return JSON values with every text in them cut to ``limit`` characters."""
    match content:
        case str() if len(content) > limit:
            return content[: limit - 1] + "…"
        case Mapping():
            return {_cut(key): _cut(each, limit) for key, each in content.items()}
        case list() | tuple():
            return [_cut(each, limit) for each in content[:MAX_VIOLATIONS]]
    return content


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
