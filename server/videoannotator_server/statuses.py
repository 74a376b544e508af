"""Errors as gRPC statuses: an ErrorEnvelope beside the standard details, small enough for every client."""

from __future__ import annotations

import time

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from videoannotator.errors import VideoAnnotatorError
from videoannotator.outcome import ErrorRecord
from videoannotator_server.messages import envelope

_DOMAIN = "videoannotator"
# Clients written in C and Python refuse trailers between 8 and 16 KiB; the status is sent base64-encoded.
_MAX_STATUS_BYTES = 5_000
_MAX_MESSAGE = 1_000


def status_of(error: VideoAnnotatorError) -> grpc.Status:
    """Return the status that tells a client everything about ``error``; long lists of violations are cut."""
    kept = len(error.violations)
    while True:
        status = _status(error, kept)
        if kept == 0 or status.ByteSize() <= _MAX_STATUS_BYTES:
            return rpc_status.to_status(status)
        kept = kept * 3 // 4


def _status(error: VideoAnnotatorError, kept: int) -> status_pb2.Status:
    record = ErrorRecord.of(error)
    violations = error.violations[:kept]
    detail = dict(record.detail)
    if error.violations:
        detail["violations"] = [violation.as_dict() for violation in violations]
        if kept < len(error.violations):
            detail["violations_omitted"] = len(error.violations) - kept
    message = error.message[:_MAX_MESSAGE]
    record = record.model_copy(update={"detail": detail, "message": message})
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
        code=grpc.StatusCode[error.grpc_status].value[0], message=message, details=[_packed(each) for each in details]
    )


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
