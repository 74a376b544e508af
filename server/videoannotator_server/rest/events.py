"""Watches as Server-Sent Events or as lines of JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.api import httpbody_pb2

from videoannotator.errors import InvalidRequestError, VideoAnnotatorError
from videoannotator.v1 import jobs_pb2, types_pb2
from videoannotator_server.context import Context
from videoannotator_server.rest import responses
from videoannotator_server.rest.render import dumps
from videoannotator_server.rest.shapes import as_json
from videoannotator_server.rest_envelope import envelope

_RETRY = b"retry: 2000\n\n"
"""How long an EventSource waits before it connects again, in milliseconds."""
_ENDS = {
    types_pb2.JOB_STATUS_COMPLETED: "job.complete",
    types_pb2.JOB_STATUS_FAILED: "job.error",
    types_pb2.JOB_STATUS_CANCELLED: "job.cancelled",
}
TERMINAL = frozenset(_ENDS)

Write = Callable[[str, int | None, dict[str, Any]], bytes]


def resume_point(context: Context) -> int | None:
    """Return the sequence after which a client that lost its connection wants to go on.

    Raises:
        InvalidRequestError: Last-Event-ID is not one of ours.
    """
    given = responses.header(context, "last-event-id")
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise InvalidRequestError("Last-Event-ID is not the id of an event of a job.", field="Last-Event-ID")
    return int(given)


async def stream(
    events: AsyncIterator[jobs_pb2.JobEvent], context: Context, *, resumed: bool
) -> AsyncIterator[httpbody_pb2.HttpBody]:
    """Yield the events of a watch in the form that the client asked for.

    A client that resumes after the end of a job gets 204, on which an EventSource stops asking.
    """
    first = await anext(events)  # an error of the call becomes its status
    second: jobs_pb2.JobEvent | None = None
    if resumed and first.snapshot.status in TERMINAL:
        second = await anext(events)
        if second.HasField("terminal") and second.sequence == first.sequence:
            await responses.headers(context, 204)
            yield httpbody_pb2.HttpBody(content_type=responses.JSON)
            return
    as_lines = "ndjson" in (responses.header(context, "accept") or "")
    kind, write = ("application/x-ndjson", _line) if as_lines else ("text/event-stream", _sse)
    await responses.headers(context, 200, cache_control="no-cache", x_accel_buffering="no")
    yield httpbody_pb2.HttpBody(content_type=kind, data=(b"" if as_lines else _RETRY) + _rendered(first, write))
    if second is not None:
        yield httpbody_pb2.HttpBody(content_type=kind, data=_rendered(second, write))
    try:
        async for event in events:
            yield httpbody_pb2.HttpBody(content_type=kind, data=_rendered(event, write))
    except VideoAnnotatorError as error:
        # The status is out already; the stream itself has to say that it did not end well.
        yield httpbody_pb2.HttpBody(content_type=kind, data=write("error", None, envelope(error)))
        raise


def _rendered(event: jobs_pb2.JobEvent, write: Write) -> bytes:
    kind = event.WhichOneof("event") or "unknown"
    content = as_json(event)
    payload = content.pop(kind, None)
    facts = {key: content[key] for key in ("job_id", "sequence", "time")} | {"id": event.job_id, "type": kind}
    if kind == "heartbeat" and write is _sse:
        return b": heartbeat\n\n"
    if kind in ("snapshot", "terminal"):
        job = payload if kind == "snapshot" else payload["job"]
        name = "job.update" if kind == "snapshot" else _ENDS.get(event.terminal.job.status, "job.update")
        summary = {key: job[key] for key in ("status", "progress", "queue_position", "error", "error_message")}
        return write(name, event.sequence, {**facts, **summary, "job": job})
    named = payload if isinstance(payload, dict) else {}
    return write("job.log" if kind == "log" else "job.update", event.sequence, {**facts, **named})


def _sse(name: str, sequence: int | None, content: dict[str, Any]) -> bytes:
    number = b"" if sequence is None else f"id: {sequence}\n".encode()
    return number + f"event: {name}\ndata: ".encode() + dumps(content) + b"\n\n"


def _line(name: str, sequence: int | None, content: dict[str, Any]) -> bytes:
    return dumps({"event": name, **content}) + b"\n"
