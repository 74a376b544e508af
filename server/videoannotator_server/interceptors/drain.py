"""A refused upload is read for a while longer, so that its sender can read the reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc

from videoannotator.errors import VideoAnnotatorError
from videoannotator_server.context import Context, Continuation, Handler

_MAX_BYTES = 64 * 2**20
_MAX_SECONDS = 5.0


class DrainInterceptor(grpc.aio.ServerInterceptor):
    """Stands between errors and everything that may refuse a REST upload.

    A client of HTTP/1.1 that is still sending when the connection closes sees a reset, and not the answer.
    """

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Handler | None:
        """Wrap the handler of an upload over REST."""
        handler = await continuation(details)
        if handler is None or not handler.request_streaming or not details.method.startswith("/videoannotator.rest."):
            return handler
        behaviour: Any = handler.stream_unary

        async def patient(requests: AsyncIterator[Any], context: Context) -> Any:
            try:
                return await behaviour(requests, context)
            except VideoAnnotatorError:
                await _drain(requests)
                raise

        return grpc.stream_unary_rpc_method_handler(
            patient,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


async def _drain(requests: AsyncIterator[Any]) -> None:
    left = _MAX_BYTES
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            async for request in requests:
                left -= request.ByteSize()
                if left <= 0:
                    return
    except TimeoutError:
        return
