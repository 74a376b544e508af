"""The client for programs and notebooks whose calls wait for their answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

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
from videoannotator_client.transports import AGENT, PATIENCE, BlockingTransport

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _blocking(plan: Callable[Arguments, Plan[Result]]) -> Callable[Concatenate[Client, Arguments], Result]:
    """Return a method that follows ``plan`` and returns its result."""

    def method(self: Client, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return self._transport.run(plan(*args, **kwargs))

    return as_method(method, plan)


def _streaming(
    plan: Callable[Arguments, Plan[Job]],
) -> Callable[Concatenate[Client, Arguments], Generator[JobEvent, None, Job]]:
    """Return a method that follows ``plan`` and yields what it emits."""

    def method(self: Client, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Generator[JobEvent, None, Job]:
        return self._transport.stream(plan(*args, **kwargs))

    return as_method(method, plan, "Iterator[JobEvent]")


def _attached(plan: Callable[Arguments, Plan[Job]]) -> Callable[Concatenate[Client, Arguments], Run]:
    """Return a method whose result follows ``plan`` in a ``with`` block."""

    def method(self: Client, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Run:
        return Run(self, self._transport.stream(plan(*args, **kwargs)))

    return as_method(method, plan, "Run")


class Client:
    """Talks to one server; use it as a context manager, or `close` it. Several threads may share one.

    ``server`` is ``host:port``, or ``grpcs://host:port`` for TLS; ``tls_ca`` names PEM certificates to trust, and turns
    TLS on. What is not given comes from VIDEOANNOTATOR_SERVER, VIDEOANNOTATOR_TOKEN and VIDEOANNOTATOR_TLS_CA, then
    from the user's file. Calls that may be repeated without harm are, for ``patience`` seconds, while the server is
    away or says when to try again.

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
        self._transport = BlockingTransport(chosen(server, token, tls_ca), patience, AGENT)

    @classmethod
    def over(cls, transport: BlockingTransport) -> Self:
        """Return a client that uses ``transport``."""
        client = cls.__new__(cls)
        client._transport = transport
        return client

    @property
    def settings(self) -> ClientSettings:
        """Which server is called, and how."""
        return self._transport.settings

    upload = _blocking(of_videos.upload)
    video = _blocking(of_videos.video)
    videos = _blocking(of_videos.videos)
    delete_video = _blocking(of_videos.delete_video)

    submit = _blocking(of_jobs.submit)
    run = _attached(of_jobs.run)
    watch = _streaming(of_jobs.watch)
    wait = _blocking(of_jobs.wait)
    job = _blocking(of_jobs.job)
    jobs = _blocking(of_jobs.jobs)
    cancel = _blocking(of_jobs.cancel)
    stop = _blocking(of_jobs.stop)
    retry = _blocking(of_jobs.retry)
    delete = _blocking(of_jobs.delete)

    artifacts = _blocking(of_results.artifacts)
    download = _blocking(of_results.download)
    download_results = _blocking(of_results.download_results)
    download_archive = _blocking(of_results.download_archive)
    results = _blocking(of_results.results)

    pipelines = _blocking(of_server.pipelines)
    pipeline = _blocking(of_server.pipeline)
    validate = _blocking(of_server.validate)
    health = _blocking(of_server.health)
    server_info = _blocking(of_server.server_info)
    create_token = _blocking(of_server.create_token)
    tokens = _blocking(of_server.tokens)
    revoke_token = _blocking(of_server.revoke_token)

    def close(self) -> None:
        """Give the connection up; calls that are open end."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.settings.target}>"


class Run(Followed):
    """A job that lives no longer than its ``with`` block. Iterate over it for its events, or `wait` for its end."""

    def __init__(self, client: Client, events: Generator[JobEvent, None, Job]) -> None:
        super().__init__()
        self._client = client
        self._events = events
        self._first: JobEvent | None = None
        self._is_left = False

    def __enter__(self) -> Self:
        self._first = self.hear(next(self._events))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_left:
            return
        try:
            self.cancel()
        except VideoAnnotatorError as refusal:
            if error is None:
                raise
            error.add_note(f"The job {self.job.id} could not be cancelled and may go on: {refusal}")

    def __iter__(self) -> Iterator[JobEvent]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        for event in self._events:
            yield self.hear(event)

    def wait(self, *, check: bool = True) -> Job:
        """Return the job when it has ended.

        Raises:
            VideoAnnotatorError: With ``check``, the job's error: why it failed or failed in part.
        """
        for _ in self:
            continue
        return self.outcome(check)

    def cancel(
        self, *, timeout: float = of_jobs.STOP_TIMEOUT, on_event: Callable[[JobEvent], None] | None = None
    ) -> Job:
        """Cancel the job if it has not ended, wait ``timeout`` seconds for its end, and return it."""
        self._is_left = True
        self._events.close()
        if not has_ended(self.job):
            self.job = self._client.stop(self.job, timeout=timeout, on_event=on_event)
        return self.job

    def results(self) -> Frames:
        """Return the tables of the job as pandas DataFrames by name."""
        return self._client.results(self.job)
