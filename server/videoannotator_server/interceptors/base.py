"""Running a context manager around the handler of a call of any kind."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from videoannotator.errors import InvalidRequestError
from videoannotator_server.context import Context, Handler

StepRunner: TypeAlias = "Callable[[Awaitable[Any]], Awaitable[Any]]"
Around: TypeAlias = "Callable[[Context], AbstractAsyncContextManager[StepRunner]]"

_END = object()


def run_around(handler: Handler, around: Around) -> Handler:
    """Return a handler that enters ``around(context)`` before ``handler`` and leaves it afterwards.

    What the context manager yields runs each step of the handler: its whole work, or the way to its next response.
    """
    behaviour: Any = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream

    async def single(request: Any, context: Context) -> Any:
        async with around(context) as run:
            return await run(behaviour(_readable(request), context))

    async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
        async with around(context) as run:
            responses = behaviour(_readable(request), context)
            if isinstance(responses, Awaitable):  # as health checking does it: the handler writes by itself
                await run(responses)
                return
            while (response := await run(_next(responses))) is not _END:
                yield response

    kind = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[handler.request_streaming, handler.response_streaming]
    return kind(
        stream if handler.response_streaming else single,
        request_deserializer=_tolerant(handler.request_deserializer),
        response_serializer=handler.response_serializer,
    )


async def run_directly(work: Awaitable[Any]) -> Any:
    """Run a step of a handler as it is."""
    return await work


async def _next(responses: AsyncIterator[Any]) -> Any:
    return await anext(responses, _END)


class _Unreadable:
    """Stands in for a message whose bytes are not one, until the call can say so."""


def _tolerant(deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    def read(data: bytes) -> Any:
        assert deserialize is not None  # noqa: S101 - see below
        try:
            return deserialize(data)
        except DecodeError:
            return _Unreadable()

    return read if deserialize is not None else None


def _readable(request: Any) -> Any:
    if isinstance(request, _Unreadable):
        raise InvalidRequestError("The request is not a message of this call, or it is nested too deeply.")
    if isinstance(request, AsyncIterable):
        return _all_readable(request)
    return request


async def _all_readable(requests: AsyncIterable[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        yield _readable(request)
