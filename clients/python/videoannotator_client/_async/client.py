"""The client."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from videoannotator.errors import VideoAnnotatorError
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client._async.jobs import STOP_TIMEOUT, AsyncJobOperations
from videoannotator_client._async.results import AsyncResultOperations
from videoannotator_client._async.server import AsyncServerOperations
from videoannotator_client._async.videos import AsyncVideoOperations
from videoannotator_client._async.watching import OnLost
from videoannotator_client.following import FollowedJob, has_ended
from videoannotator_client.names import Names
from videoannotator_client.progress import ProgressOption
from videoannotator_client.requests import JobOptions
from videoannotator_client.retries import PATIENCE, RetryConfig
from videoannotator_client.settings import ClientSettings, chosen
from videoannotator_client.sources import VideoFile
from videoannotator_client.tables import Frames


class AsyncClient(AsyncVideoOperations, AsyncJobOperations, AsyncResultOperations, AsyncServerOperations):
    """Talks to one server; use it as a context manager, or `close` it.

    ``server`` is ``host:port``, or ``grpcs://host:port`` for TLS; ``tls_ca`` names PEM certificates to trust, and turns
    TLS on. What is not given comes from VIDEOANNOTATOR_SERVER, VIDEOANNOTATOR_TOKEN and VIDEOANNOTATOR_TLS_CA, then
    from the user's file. Calls that may be repeated without harm are, for ``patience`` seconds, while the server is
    away or says when to try again.

    `Client` and `AsyncClient` have the same methods. Several threads may share a `Client`; an `AsyncClient` belongs to
    the event loop of its first call.

    Raises:
        ConfigurationError: If the user's file or the certificates cannot be read.
    """

    def __init__(
        self,
        server: str | None = None,
        token: str | None = None,
        tls_ca: str | os.PathLike[str] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._connection = AsyncConnection(chosen(server, token, tls_ca), RetryConfig(patience))

    @classmethod
    def over(cls, connection: AsyncConnection) -> Self:
        """Return a client that uses ``connection``."""
        client = cls.__new__(cls)
        client._connection = connection
        return client

    @property
    def settings(self) -> ClientSettings:
        """Which server is called, and how."""
        return self._connection.settings

    def run(
        self,
        video: VideoFile | None = None,
        pipelines: Names = (),
        *,
        video_id: str | None = None,
        config: Mapping[str, Any] | None = None,
        outputs: Names = (),
        labels: Mapping[str, str] | None = None,
        priority: int = 0,
        max_attempts: int | None = None,
        retention_days: int | None = None,
        request_id: str | None = None,
        progress: ProgressOption = False,
        on_lost: OnLost | None = None,
    ) -> AsyncRun:
        """Run a job that lives no longer than the ``with`` block: leaving it before the job's end cancels the job.

        Takes what `submit` takes; ``on_lost`` is called when the connection is lost and another one is tried.

        Raises:
            InvalidConfigError: With every violation.
            VideoAnnotatorError: If the server refuses the video or the job.
        """
        options = JobOptions(pipelines, config, outputs, labels, priority, max_attempts, retention_days, request_id)
        return AsyncRun(self, self._run(video, video_id, options, progress, on_lost))

    async def close(self) -> None:
        """Give the connection up; calls that are open end."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.settings.target}>"


class AsyncRun(FollowedJob):
    """A job that lives no longer than its ``with`` block. Iterate over it for its events, or `wait` for its end."""

    def __init__(self, client: AsyncClient, events: AsyncGenerator[JobEvent]) -> None:
        super().__init__()
        self._client = client
        self._events = events
        self._first: JobEvent | None = None
        self._is_left = False

    async def __aenter__(self) -> Self:
        self._first = self.apply(await anext(self._events))
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
            yield self.apply(event)

    async def wait(self, *, check: bool = True) -> Job:
        """Return the job when it has ended.

        Raises:
            VideoAnnotatorError: With ``check``, the job's error: why it failed or failed in part.
        """
        async for _ in self:
            continue
        return self.outcome(check)

    async def cancel(self, *, timeout: float = STOP_TIMEOUT, on_event: Callable[[JobEvent], None] | None = None) -> Job:
        """Cancel the job if it has not ended, wait ``timeout`` seconds for its end, and return it."""
        self._is_left = True
        await self._events.aclose()
        if not has_ended(self.job):
            self.job = await self._client.stop(self.job, timeout=timeout, on_event=on_event)
        return self.job

    async def results(self) -> Frames:
        """Return the tables of the job as pandas DataFrames by name."""
        return await self._client.results(self.job)
