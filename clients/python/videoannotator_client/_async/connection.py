"""Calls of one server: who is calling, how long, what is tried again, and what an error becomes."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

import grpc.aio
from google.protobuf.message import Message
from tenacity import AsyncRetrying, retry_if_exception

from videoannotator.errors import VideoAnnotatorError
from videoannotator_client._async import runtime
from videoannotator_client._async.runtime import Arguments, Attempt, Result, Sleep
from videoannotator_client._async.stubs import AsyncStubs
from videoannotator_client.channel import AGENT, channel_credentials, open_async_channel
from videoannotator_client.errors import error_of_call
from videoannotator_client.retries import RetryConfig, RetryPolicy
from videoannotator_client.settings import ClientSettings

Question = TypeVar("Question", bound=Message)
Answer = TypeVar("Answer", bound=Message)

UNARY_TIMEOUT = 30.0
"""Seconds that a call with one answer may take, unless it says otherwise."""


class AsyncConnection:
    """The way to one server. Whatever a call fails with is raised as one of `videoannotator.errors`.

    Raises:
        ConfigurationError: If the certificates cannot be read.
    """

    def __init__(
        self,
        settings: ClientSettings,
        retries: RetryConfig,
        agent: str = AGENT,
        *,
        channel: grpc.aio.Channel | None = None,
        sleep: Sleep = runtime.sleep,
    ) -> None:
        self.settings = settings
        self.retries = retries
        self._agent = agent
        self._credentials = channel_credentials(settings)
        self._metadata = (("authorization", f"Bearer {settings.token}"),) if settings.token else ()
        self.sleep = sleep
        self._channel = channel
        self._stubs: AsyncStubs | None = None
        self._opening = threading.Lock()

    @property
    def stubs(self) -> AsyncStubs:
        """The services of the contract. The first use opens the channel: in the event loop of the first call."""
        with self._opening:
            if self._stubs is None:
                self._channel = self._channel or open_async_channel(self.settings, self._credentials, self._agent)
                self._stubs = AsyncStubs(self._channel)
            return self._stubs

    async def ask(
        self,
        rpc: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        timeout: float = UNARY_TIMEOUT,
    ) -> Answer:
        """Make a call once."""
        try:
            return await rpc(request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise error_of_call(error, self.settings.target) from error

    async def call(
        self,
        rpc: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        timeout: float = UNARY_TIMEOUT,
    ) -> Answer:
        """Make a call that can be made twice without harm, for as long as the client is patient."""
        return await self.retry(self.retries.for_calls(), self.ask, rpc, request, timeout)

    async def delete(
        self,
        rpc: grpc.aio.UnaryUnaryMultiCallable[Question, Answer],
        request: Question,
        gone: type[VideoAnnotatorError],
        timeout: float = UNARY_TIMEOUT,
    ) -> None:
        """Delete something. When an answer was lost and the thing is ``gone`` at the next attempt, it is deleted."""
        attempts = 0

        async def attempt() -> None:
            nonlocal attempts
            attempts += 1
            try:
                await self.ask(rpc, request, timeout)
            except gone:
                if attempts == 1:
                    raise

        await self.retry(self.retries.for_calls(), attempt)

    async def stream(
        self,
        rpc: grpc.aio.UnaryStreamMultiCallable[Question, Answer],
        request: Question,
        timeout: float | None = None,
    ) -> AsyncGenerator[Answer]:
        """Make a call with many answers and yield them; closing the generator ends the call."""
        call = rpc(request, timeout=timeout, metadata=self._metadata)
        try:
            async for answer in call:
                yield answer
        except grpc.RpcError as error:
            raise error_of_call(error, self.settings.target) from error
        finally:
            call.cancel()

    async def send(
        self, rpc: grpc.aio.StreamUnaryMultiCallable[Question, Answer], requests: Iterator[Question]
    ) -> Answer:
        """Make a call with many requests and one answer."""
        try:
            return await runtime.send(rpc, requests, self._metadata)
        except grpc.RpcError as error:
            raise error_of_call(error, self.settings.target) from error

    async def retry(
        self,
        policy: RetryPolicy,
        attempt: Attempt[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Return what ``attempt`` returns, which is called again after an error as ``policy`` says."""
        retrying = AsyncRetrying(
            sleep=self.sleep,
            retry=retry_if_exception(policy.retry),
            wait=policy.wait,
            stop=policy.stop,
            before_sleep=policy.before_sleep,
            reraise=True,
        )
        result: Result = await retrying(attempt, *args, **kwargs)
        return result

    async def close(self) -> None:
        """Give the channel up; calls that are open end."""
        if self._channel is not None:
            await self._channel.close()
