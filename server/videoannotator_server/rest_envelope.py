"""Errors as REST clients see them: the whole body and the HTTP status, in metadata that Envoy's Lua filter unpacks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import grpc

from videoannotator.errors import RangeNotSatisfiableError, UnauthorizedError, VideoAnnotatorError
from videoannotator_server.statuses import MAX_VIOLATIONS, shortened

_MAX_BODY = 24_000
"""Most characters of a body: headers of Envoy's upstream may have 60 KiB together."""


def envelope(error: VideoAnnotatorError, kept: int = MAX_VIOLATIONS) -> dict[str, Any]:
    """Return the body of an error; ``detail`` repeats the message for the clients that read only that."""
    record, _ = shortened(error, min(kept, len(error.violations)))
    timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "error": {
            "code": record.code,
            "message": record.message,
            "detail": record.detail or None,
            "hint": record.hint,
            "field": record.field,
            "timestamp": timestamp,
        },
        "detail": record.message,
    }


def body(error: VideoAnnotatorError) -> str:
    """Return the body as ASCII; long lists of violations are cut."""
    kept = min(len(error.violations), MAX_VIOLATIONS)
    while len(text := json.dumps(envelope(error, kept), separators=(",", ":"))) > _MAX_BODY and kept:
        kept = kept * 3 // 4
    return text


def metadata(error: VideoAnnotatorError) -> tuple[tuple[str, str], ...]:
    """Return the trailing metadata of a failed REST call."""
    found = [("x-va-http-status", str(error.http_status)), ("x-va-error", body(error))]
    if isinstance(error, UnauthorizedError):
        found.append(("www-authenticate", 'Bearer realm="videoannotator"'))
    if error.retryable:
        found.append(("retry-after", str(max(1, round(error.retry_after or 1.0)))))
    if isinstance(error, RangeNotSatisfiableError) and "size_bytes" in error.detail:
        found.append(("content-range", f"bytes */{error.detail['size_bytes']}"))
    return tuple(found)


def grpc_status(error: VideoAnnotatorError) -> grpc.StatusCode:
    """Return the status of the call itself."""
    return grpc.StatusCode[error.grpc_status]
