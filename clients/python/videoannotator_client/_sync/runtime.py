"""What is different for the awaited and the blocking client, and therefore written by hand for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeAlias, TypeVar

import grpc

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Question = TypeVar("Question")
Answer = TypeVar("Answer")

Attempt: TypeAlias = Callable[Arguments, Result]
"""A function of the client that may be called again when it fails."""
Sleep: TypeAlias = Callable[[float], None]
"""Lets some seconds pass."""

sleep = time.sleep


def run_blocking(function: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    """Call a function that reads, writes or computes for long."""
    return function(*args, **kwargs)


def send(
    rpc: grpc.StreamUnaryMultiCallable[Question, Answer],
    requests: Iterator[Question],
    metadata: tuple[tuple[str, str], ...],
) -> Answer:
    """Make a call with many requests and return its answer."""
    call = rpc.future(requests, metadata=metadata)
    try:
        return call.result()
    finally:
        call.cancel()  # does nothing to a call that has ended, and ends one that Ctrl-C leaves behind
