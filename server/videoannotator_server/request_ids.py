"""The id that a request carries from the edge to every log line and to the error envelope."""

from __future__ import annotations

from contextvars import ContextVar

from videoannotator_server.context import Context

HEADER = "x-request-id"
_MAX_LENGTH = 128
_current: ContextVar[str] = ContextVar("request_id", default="")


def enter(context: Context) -> None:
    """Take the id of a call, if it has one, for everything that runs on its behalf."""
    _current.set(next((str(value) for key, value in context.invocation_metadata() or () if key == HEADER), ""))


def current() -> str:
    """Return the id of the request that is served; empty outside of one, and for a call without an id."""
    text = _current.get()[:_MAX_LENGTH]
    return text if text.isprintable() else ""
