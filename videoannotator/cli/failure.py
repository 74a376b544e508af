"""What went wrong, in the one shape that the command line prints, wherever it came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from videoannotator.errors import (
    ForbiddenError,
    InternalError,
    InvalidRequestError,
    ServiceUnavailableError,
    UnauthorizedError,
    VideoAnnotatorError,
    Violation,
)

if TYPE_CHECKING:  # the command line starts without gRPC; only commands that call a server load it
    import grpc

    from videoannotator.v1.errors_pb2 import ErrorEnvelope


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of this program, of a call, or of a job. ``status`` is the name of its gRPC status."""

    code: str
    message: str
    status: str
    hint: str | None = None
    field: str | None = None
    violations: tuple[Violation, ...] = ()
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, error: VideoAnnotatorError) -> Failure:
        """Return the failure that ``error`` is."""
        violations = tuple(error.violations)
        return cls(error.code, error.message, error.grpc_status, error.hint, error.field, violations, error.detail)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, an error envelope with its violations in ``detail``."""
        detail = dict(self.detail)
        if self.violations:
            detail["violations"] = [violation.as_dict() for violation in self.violations]
        return {"code": self.code, "message": self.message, "detail": detail, "hint": self.hint, "field": self.field}


def failure_of_call(error: grpc.RpcError, server: str) -> Failure:
    """Return what the server, or gRPC itself, said about a call that failed."""
    import grpc
    from google.rpc.error_details_pb2 import BadRequest
    from grpc_status import rpc_status

    from videoannotator.v1.errors_pb2 import ErrorEnvelope

    assert isinstance(error, grpc.Call)  # noqa: S101 - every RpcError that a call raises is one

    status = error.code().name
    details = rpc_status.from_call(error)
    envelope, bad_request = ErrorEnvelope(), BadRequest()
    if details is None or not any(each.Unpack(envelope) for each in details.details):
        return Failure.of(_error_without_envelope(status, error.details() or "", server))
    any(each.Unpack(bad_request) for each in details.details)
    failure = failure_of_envelope(envelope, status)
    if failure.violations or not bad_request.field_violations:
        return failure
    violations = tuple(Violation(each.field, each.reason, each.description) for each in bad_request.field_violations)
    return Failure(failure.code, failure.message, status, failure.hint, failure.field, violations, failure.detail)


def failure_of_envelope(envelope: ErrorEnvelope, status: str = "UNKNOWN") -> Failure:
    """Return the failure in an envelope, for example that of a failed job."""
    from google.protobuf.json_format import MessageToDict

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
    return Failure(
        envelope.code, envelope.message, status, envelope.hint or None, envelope.field or None, violations, detail
    )


def _error_without_envelope(status: str, details: str, server: str) -> VideoAnnotatorError:
    """Name an error that gRPC made itself, before or after the server had a say."""
    match status:
        case "UNAVAILABLE" | "DEADLINE_EXCEEDED":
            hint = "Is `videoannotator serve` running there? `videoannotator doctor` checks address, TLS and token."
            if "CERTIFICATE" in details:
                hint = "If the certificate is your own, name it or its authority with --tls-ca."
            return ServiceUnavailableError(f"The server at {server} does not answer: {_last_cause(details)}", hint=hint)
        case "UNAUTHENTICATED":
            return UnauthorizedError(details)
        case "PERMISSION_DENIED":
            return ForbiddenError(details)
        case "INVALID_ARGUMENT" | "RESOURCE_EXHAUSTED":
            return InvalidRequestError(details)
        case "UNIMPLEMENTED":
            hint = "Server and command line differ in version; `videoannotator version` shows both."
            return InternalError(f"The server does not know this call: {details}", hint=hint)
        case _:
            return InternalError(f"{status}: {details}")


def _last_cause(details: str) -> str:
    """Return the end of gRPC's story about failed connections: what happened to the last one."""
    if "failed to connect" not in details:
        return details
    return details.removesuffix(": OK").rsplit(": ", 1)[-1].rstrip(". ")
