"""What is different for the awaited and the blocking client, and therefore written by hand for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import ParamSpec, TypeAlias, TypeVar

import grpc.aio

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Question = TypeVar("Question")
Answer = TypeVar("Answer")

Attempt: TypeAlias = Callable[Arguments, Awaitable[Result]]
"""A function of the client that may be called again when it fails."""
Sleep: TypeAlias = Callable[[float], Awaitable[None]]
"""Lets some seconds pass."""

sleep = asyncio.sleep


async def run_blocking(
    function: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call a function that reads, writes or computes for long, without holding the event loop up."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def send(
    rpc: grpc.aio.StreamUnaryMultiCallable[Question, Answer],
    requests: Iterator[Question],
    metadata: tuple[tuple[str, str], ...],
) -> Answer:
    """Make a call with many requests, whose making reads a file, and return its answer."""
    return await rpc(_in_threads(requests), metadata=metadata)


async def _in_threads(requests: Iterator[Question]) -> AsyncIterator[Question]:
    while (request := await asyncio.to_thread(next, requests, None)) is not None:
        yield request
