"""Answers of REST calls: a body, and the status and headers that Envoy's Lua filter makes of metadata."""

from __future__ import annotations

from typing import Any

from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from google.protobuf.message import Message

from videoannotator_server.context import Context
from videoannotator_server.rest.render import dumps
from videoannotator_server.rest.shapes import as_json

JSON = "application/json"
TORN = b"\xff"
"""Sent in place of a message: it is none, so Envoy breaks the connection off. That is how a client learns that a body
whose status is long out will not be complete; any orderly end would let it wait for the rest."""


def serialize(message: httpbody_pb2.HttpBody | bytes) -> bytes:
    """Return what is sent of a message; TORN as it is."""
    return message if isinstance(message, bytes) else message.SerializeToString()


async def reply(context: Context, content: Message | Any, status: int = 200) -> httpbody_pb2.HttpBody:
    """Return a message or JSON values as the body; nothing at all is 204."""
    if isinstance(content, empty_pb2.Empty):
        await headers(context, 204)
        return httpbody_pb2.HttpBody(content_type=JSON)
    if status != 200:
        await headers(context, status)
    return httpbody_pb2.HttpBody(
        content_type=JSON, data=dumps(as_json(content) if isinstance(content, Message) else content)
    )


async def headers(context: Context, status: int, **named: str) -> None:
    """Send status and headers ahead of the body; an underscore in a name stands for a hyphen."""
    pairs = [(name.replace("_", "-"), value) for name, value in named.items()]
    await context.send_initial_metadata((("x-va-http-status", str(status)), *pairs))


def header(context: Context, name: str) -> str | None:
    """Return a header of the request."""
    return next((str(value) for key, value in context.invocation_metadata() or () if key == name), None)


def is_head(context: Context) -> bool:
    """Whether the client wants the headers only."""
    return header(context, "x-envoy-original-method") == "HEAD"
