"""What went wrong in a call, as one of `videoannotator.errors`: one class for each code."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from videoannotator.errors import (
    ForbiddenError,
    InternalError,
    InvalidRequestError,
    ServiceUnavailableError,
    UnauthorizedError,
    VideoAnnotatorError,
    Violation,
    error_classes,
)
from videoannotator.v1.errors_pb2 import ErrorEnvelope

_BROKEN_WHILE_SENDING = "Internal error from Core"


class CallTimeoutError(ServiceUnavailableError):
    """The call was not answered in the time it had."""

    grpc_status = "DEADLINE_EXCEEDED"


class UnlistedError(InternalError):
    """An error that is not in this version's table; its class has the code and the gRPC status that came."""


def error_of_call(error: grpc.RpcError, server: str) -> VideoAnnotatorError:
    """Return what the server, or gRPC itself, said about a call that failed."""
    call: Any = error  # every error that a call raises has these methods, the asynchronous ones too
    status = _status(call)
    details = _details(call)
    envelope, bad_request, retry = ErrorEnvelope(), BadRequest(), RetryInfo()
    if not any(each.Unpack(envelope) for each in details.details):
        return _error_without_envelope(status, call.details() or "", server)
    found = error_of_envelope(envelope, status)
    if not found.violations and any(each.Unpack(bad_request) for each in details.details):
        found.violations = tuple(
            Violation(each.field, each.reason, each.description) for each in bad_request.field_violations
        )
    if any(each.Unpack(retry) for each in details.details):
        found.retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    return found


def error_of_envelope(envelope: ErrorEnvelope, status: str = "UNKNOWN") -> VideoAnnotatorError:
    """Return the error in an envelope, for example that of a failed job."""
    detail = MessageToDict(envelope.detail)
    violations = tuple(
        Violation(
            str(each.get("field", "")),
            str(each.get("code", "")),
            str(each.get("message", "")),
            each.get("allowed"),
            each.get("example"),
        )
        for each in detail.pop("violations", ())
    )
    kind = _class_of(envelope.code, status)
    return kind(envelope.message, detail, envelope.hint or None, envelope.field or None, violations)


def is_unavailable(error: BaseException) -> bool:
    """Whether a call failed because the server was not there, so that the same call may succeed later."""
    return isinstance(error, VideoAnnotatorError) and error.grpc_status == "UNAVAILABLE"


def is_passing(error: BaseException) -> bool:
    """Whether the same call may succeed later: the server was not there, or it says when to try again."""
    if not isinstance(error, VideoAnnotatorError):
        return False
    return is_unavailable(error) or (error.grpc_status == "RESOURCE_EXHAUSTED" and error.retry_after is not None)


def _class_of(code: str, status: str) -> type[VideoAnnotatorError]:
    known = next((each for each in error_classes() if each.code == code), None)
    return known or _unlisted(code, status)


def _unlisted(code: str, status: str) -> type[VideoAnnotatorError]:
    return type("UnlistedError", (UnlistedError,), {"code": code, "grpc_status": status})


def _status(call: Any) -> str:
    status: str = call.code().name
    # What grpc.aio says when a connection breaks while it sends; it never comes from a server.
    return "UNAVAILABLE" if status == "INTERNAL" and call.details() == _BROKEN_WHILE_SENDING else status


def _details(call: Any) -> Status:
    try:
        return rpc_status.from_call(call) or Status()
    except ValueError:  # a proxy on the way changed the status, but not the details
        return Status()


def _error_without_envelope(status: str, details: str, server: str) -> VideoAnnotatorError:
    """Name an error that gRPC made itself, without an answer of the server."""
    match status:
        case "UNAVAILABLE" | "DEADLINE_EXCEEDED":
            hint = "Is `videoannotator serve` running there? `videoannotator doctor` checks address, TLS and token."
            if "CERTIFICATE" in details:
                hint = "If the certificate is your own, name it or its authority with --tls-ca."
            kind = ServiceUnavailableError if status == "UNAVAILABLE" else CallTimeoutError
            return kind(f"The server at {server} does not answer: {_last_cause(details)}", hint=hint)
        case "UNAUTHENTICATED":
            return UnauthorizedError(details)
        case "PERMISSION_DENIED":
            return ForbiddenError(details)
        case "INVALID_ARGUMENT" | "RESOURCE_EXHAUSTED":
            return InvalidRequestError(details)
        case "UNIMPLEMENTED":
            hint = "Server and client differ in version; `videoannotator version` shows both."
            return InternalError(f"The server does not know this call: {details}", hint=hint)
        case _:
            return _unlisted(InternalError.code, status)(f"{status}: {details}")


def _last_cause(details: str) -> str:
    """Return the end of gRPC's report about failed connections: what happened to the last one."""
    if "failed to connect" not in details:
        return details
    return details.removesuffix(": OK").rsplit(": ", 1)[-1].rstrip(". ")
