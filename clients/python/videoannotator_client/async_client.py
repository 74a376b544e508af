"""The client for programs with an event loop, whose calls are awaited."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from videoannotator.errors import VideoAnnotatorError
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job
from videoannotator_client.following import Followed, has_ended
from videoannotator_client.methods import as_method
from videoannotator_client.plans import jobs as of_jobs
from videoannotator_client.plans import results as of_results
from videoannotator_client.plans import server as of_server
from videoannotator_client.plans import videos as of_videos
from videoannotator_client.settings import ClientSettings, chosen
from videoannotator_client.steps import Plan
from videoannotator_client.tables import Frames
from videoannotator_client.transports import AGENT, PATIENCE, AsyncTransport

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _awaited(
    plan: Callable[Arguments, Plan[Result]],
) -> Callable[Concatenate[AsyncClient, Arguments], Coroutine[Any, Any, Result]]:
    """Return a coroutine method that follows ``plan`` and returns its result."""

    async def method(self: AsyncClient, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return await self._transport.run(plan(*args, **kwargs))

    return as_method(method, plan)


def _streaming(
    plan: Callable[Arguments, Plan[Job]],
) -> Callable[Concatenate[AsyncClient, Arguments], AsyncGenerator[JobEvent]]:
    """Return a method that follows ``plan`` and yields what it emits, for ``async for``."""

    def method(self: AsyncClient, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> AsyncGenerator[JobEvent]:
        return self._transport.stream(plan(*args, **kwargs))

    return as_method(method, plan, "AsyncIterator[JobEvent]")


def _attached(
    plan: Callable[Arguments, Plan[Job]],
) -> Callable[Concatenate[AsyncClient, Arguments], AsyncRun]:
    """Return a method whose result follows ``plan`` in an ``async with`` block."""

    def method(self: AsyncClient, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> AsyncRun:
        return AsyncRun(self, self._transport.stream(plan(*args, **kwargs)))

    return as_method(method, plan, "AsyncRun")


class AsyncClient:
    """The awaited twin of `Client`: the same arguments and methods. It belongs to the event loop of its first call."""

    def __init__(
        self,
        server: str | None = None,
        token: str | None = None,
        tls_ca: str | os.PathLike[str] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._transport = AsyncTransport(chosen(server, token, tls_ca), patience, AGENT)

    @classmethod
    def over(cls, transport: AsyncTransport) -> Self:
        """Return a client that uses ``transport``."""
        client = cls.__new__(cls)
        client._transport = transport
        return client

    @property
    def settings(self) -> ClientSettings:
        """Which server is called, and how."""
        return self._transport.settings

    upload = _awaited(of_videos.upload)
    video = _awaited(of_videos.video)
    videos = _awaited(of_videos.videos)
    delete_video = _awaited(of_videos.delete_video)

    submit = _awaited(of_jobs.submit)
    run = _attached(of_jobs.run)
    watch = _streaming(of_jobs.watch)
    wait = _awaited(of_jobs.wait)
    job = _awaited(of_jobs.job)
    jobs = _awaited(of_jobs.jobs)
    cancel = _awaited(of_jobs.cancel)
    stop = _awaited(of_jobs.stop)
    retry = _awaited(of_jobs.retry)
    delete = _awaited(of_jobs.delete)

    artifacts = _awaited(of_results.artifacts)
    download = _awaited(of_results.download)
    download_results = _awaited(of_results.download_results)
    download_archive = _awaited(of_results.download_archive)
    results = _awaited(of_results.results)

    pipelines = _awaited(of_server.pipelines)
    pipeline = _awaited(of_server.pipeline)
    validate = _awaited(of_server.validate)
    health = _awaited(of_server.health)
    server_info = _awaited(of_server.server_info)
    create_token = _awaited(of_server.create_token)
    tokens = _awaited(of_server.tokens)
    revoke_token = _awaited(of_server.revoke_token)

    async def close(self) -> None:
        """Give the connection up; calls that are open end."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.settings.target}>"


class AsyncRun(Followed):
    """A job that lives no longer than its ``async with`` block: iterate over it for its events, or `wait`."""

    def __init__(self, client: AsyncClient, events: AsyncGenerator[JobEvent]) -> None:
        super().__init__()
        self._client = client
        self._events = events
        self._first: JobEvent | None = None
        self._is_left = False

    async def __aenter__(self) -> Self:
        self._first = self.hear(await anext(self._events))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_left:
            return
        try:
            await self.cancel()
        except VideoAnnotatorError as refusal:
            if error is None:
                raise
            error.add_note(f"The job {self.job.id} could not be cancelled and may go on: {refusal}")

    async def __aiter__(self) -> AsyncIterator[JobEvent]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        async for event in self._events:
            yield self.hear(event)

    async def wait(self, *, check: bool = True) -> Job:
        """Return the job when it has ended.

        Raises:
            VideoAnnotatorError: With ``check``, the job's error: why it failed or failed in part.
        """
        async for _ in self:
            continue
        return self.outcome(check)

    async def cancel(
        self, *, timeout: float = of_jobs.STOP_TIMEOUT, on_event: Callable[[JobEvent], None] | None = None
    ) -> Job:
        """Cancel the job if it has not ended, wait ``timeout`` seconds for its end, and return it."""
        self._is_left = True
        await self._events.aclose()
        if not has_ended(self.job):
            self.job = await self._client.stop(self.job, timeout=timeout, on_event=on_event)
        return self.job

    async def results(self) -> Frames:
        """Return the tables of the job as pandas DataFrames by name."""
        return await self._client.results(self.job)
