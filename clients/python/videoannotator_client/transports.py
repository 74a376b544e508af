"""Taking the steps of a plan: in a thread that waits, or in a task that awaits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import cached_property
from typing import Any, TypeVar, cast

import grpc

from videoannotator_client.channel import Stubs, open_async_channel, open_channel
from videoannotator_client.faults import error_of_call
from videoannotator_client.settings import ClientSettings
from videoannotator_client.steps import Ask, Close, Consult, Course, Emit, Manners, Open, Plan, Read, Send, Sleep, Work

Result = TypeVar("Result")

AGENT = "videoannotator-python"
PATIENCE = 30.0
"""Seconds that a client goes on trying while the server is away."""


class _Transport:
    """What both ways have in common."""

    def __init__(self, settings: ClientSettings, patience: float, agent: str, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._agent = agent
        self._manners = Manners(patience, clock)
        self._metadata = (("authorization", f"Bearer {settings.token}"),) if settings.token else ()

    def _named(self, error: BaseException) -> BaseException:
        """Return ``error``, or what it means if gRPC raised it."""
        if not isinstance(error, grpc.RpcError):
            return error
        found = error_of_call(error, self.settings.target)
        found.__cause__ = error
        return found


class BlockingTransport(_Transport):
    """Takes steps one after the other in the thread that asks for them; several threads may share it."""

    def __init__(
        self,
        settings: ClientSettings,
        patience: float,
        agent: str,
        *,
        channel: grpc.Channel | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(settings, patience, agent, clock)
        self._channel = channel or open_channel(settings, agent)
        self._stubs = Stubs(self._channel)
        self._sleep = sleep

    def run(self, plan: Plan[Result]) -> Result:
        """Follow a plan and return its result; nobody hears what it emits.

        Raises:
            VideoAnnotatorError: What the call ended with.
        """
        course = Course(plan)
        while (step := course.next()) is not None:
            self._take(step, course)
        return course.result

    def stream(self, plan: Plan[Result]) -> Generator[Any, None, Result]:
        """Follow a plan and yield what it emits; closing the iterator lets the plan clean up.

        Raises:
            VideoAnnotatorError: What the call ended with.
        """
        course = Course(plan)
        while (step := course.next()) is not None:
            if isinstance(step, Emit):
                try:
                    yield step.value
                except BaseException as error:  # noqa: BLE001 - the plan gets it, cleans up and raises it again
                    course.error = error
            else:
                self._take(step, course)
        return course.result

    def close(self) -> None:
        """Give the channel up; calls that are open end."""
        self._channel.close()

    def _take(self, step: Any, course: Course[Any]) -> None:
        try:
            course.reply = self._perform(step)
        except BaseException as error:  # noqa: BLE001 - the plan gets it, cleans up and raises it again
            course.error = self._named(error)

    def _perform(self, step: Any) -> Any:
        match step:
            case Ask(rpc, request, timeout):
                return rpc(self._stubs)(request, timeout=timeout, metadata=self._metadata)
            case Open(rpc, request, timeout):
                return rpc(self._stubs)(request, timeout=timeout, metadata=self._metadata)
            case Read(call):
                return next(call, None)
            case Close(call):
                return call.cancel()
            case Send(rpc, requests):
                return self._send(rpc(self._stubs).future(requests, metadata=self._metadata))
            case Sleep(seconds):
                return self._sleep(seconds)
            case Work(function):
                return function()
            case Consult():
                return self._manners

    def _send(self, call: Any) -> Any:
        try:
            return call.result()
        finally:
            call.cancel()  # does nothing to a call that has ended, and ends one that Ctrl-C leaves behind


class AsyncTransport(_Transport):
    """Takes steps in the task that asks for them; several tasks of one event loop may share it."""

    def __init__(
        self,
        settings: ClientSettings,
        patience: float,
        agent: str,
        *,
        channel: grpc.aio.Channel | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, patience, agent, clock)
        self._given_channel = channel
        self._sleep = sleep

    async def run(self, plan: Plan[Result]) -> Result:
        """Follow a plan and return its result; nobody hears what it emits.

        Raises:
            VideoAnnotatorError: What the call ended with.
        """
        course = Course(plan)
        while (step := course.next()) is not None:
            await self._take(step, course)
        return course.result

    async def stream(self, plan: Plan[Any]) -> AsyncGenerator[Any]:
        """Follow a plan and yield what it emits; closing the iterator lets the plan clean up.

        Raises:
            VideoAnnotatorError: What the call ended with.
        """
        course = Course(plan)
        while (step := course.next()) is not None:
            if isinstance(step, Emit):
                try:
                    yield step.value
                except BaseException as error:  # noqa: BLE001 - the plan gets it, cleans up and raises it again
                    course.error = error
            else:
                await self._take(step, course)

    async def close(self) -> None:
        """Give the channel up; calls that are open end."""
        if "_channel" in self.__dict__:
            await self._channel.close()

    @cached_property
    def _channel(self) -> grpc.aio.Channel:
        # A channel belongs to the event loop that runs when it is made, so it is made with the first call.
        return self._given_channel or open_async_channel(self.settings, self._agent)

    @cached_property
    def _stubs(self) -> Stubs:
        return Stubs(cast(grpc.Channel, self._channel))

    async def _take(self, step: Any, course: Course[Any]) -> None:
        try:
            course.reply = await self._perform(step)
        except BaseException as error:  # noqa: BLE001 - the plan gets it, cleans up and raises it again
            course.error = self._named(error)

    async def _perform(self, step: Any) -> Any:
        match step:
            case Ask(rpc, request, timeout):
                return await rpc(self._stubs)(request, timeout=timeout, metadata=self._metadata)
            case Open(rpc, request, timeout):
                return rpc(self._stubs)(request, timeout=timeout, metadata=self._metadata)
            case Read(call):
                answer = await call.read()
                return None if answer is grpc.aio.EOF else answer
            case Close(call):
                return call.cancel()
            case Send(rpc, requests):
                return await rpc(self._stubs)(_in_threads(requests), metadata=self._metadata)
            case Sleep(seconds):
                return await self._sleep(seconds)
            case Work(function):
                return await asyncio.to_thread(function)
            case Consult():
                return self._manners


async def _in_threads(requests: Iterator[Any]) -> AsyncIterator[Any]:
    """Yield ``requests``, whose making reads a file, without holding the event loop up."""
    while (request := await asyncio.to_thread(next, requests, None)) is not None:
        yield request
