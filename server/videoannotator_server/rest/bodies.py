"""Bodies that arrive in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from google.api import httpbody_pb2

from videoannotator.errors import InvalidRequestError, PayloadTooLargeError
from videoannotator_server.context import Context
from videoannotator_server.rest.responses import header

MAX_JSON_BYTES = 4 * 2**20

Piece = TypeVar("Piece")


async def first_piece(pieces: AsyncIterator[Piece]) -> Piece:
    """Return the first piece of a body; InvalidRequestError if there is none."""
    first = await anext(pieces, None)
    if first is None:
        await asyncio.sleep(0)  # where a caller that went away is noticed
        raise InvalidRequestError("The request has no body.", field="body")
    return first


async def whole_body(first: httpbody_pb2.HttpBody, rest: AsyncIterator[Any]) -> bytes:
    """Return a short body in one piece; ``rest`` yields messages that are, or have, an HttpBody.

    Raises:
        PayloadTooLargeError: It is not short.
    """
    gathered = bytearray(first.data)
    async for piece in rest:
        gathered += piece.data if isinstance(piece, httpbody_pb2.HttpBody) else piece.body.data
        if len(gathered) > MAX_JSON_BYTES:
            raise PayloadTooLargeError(f"JSON may have {MAX_JSON_BYTES} bytes at the most.")
    await asyncio.sleep(0)
    return bytes(gathered)


def announced_length(context: Context) -> int:
    """Return the Content-Length of the request; 0 when the client did not say."""
    text = header(context, "x-va-body-length") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
