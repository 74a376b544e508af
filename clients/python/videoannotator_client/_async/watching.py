"""Following a job until it ends, across lost connections."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from tenacity import RetryCallState
from tenacity.wait import wait_random_exponential

from videoannotator.errors import ServiceUnavailableError, VideoAnnotatorError
from videoannotator.v1.jobs_pb2 import JobEvent, SubmitJobRequest, WatchJobRequest
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client.deadline import Deadline
from videoannotator_client.errors import CallTimeoutError, is_unavailable
from videoannotator_client.following import is_last
from videoannotator_client.retries import RetryPolicy

PATIENCE = 300.0
"""Seconds without a connection before a watch that had one is given up."""
PAUSE = 0.5
"""Seconds before the first try after a lost connection; it grows from there."""
STOP_REASON = "The submitter stopped waiting."

OnLost = Callable[[], None]
"""Called when the connection is lost and another one is tried."""


async def watch(
    connection: AsyncConnection,
    job_id: str,
    after: int | None = None,
    on_lost: OnLost | None = None,
    timeout: float | None = None,
) -> AsyncGenerator[JobEvent]:
    """Yield the events of a job up to its terminal one, each once, however often the connection breaks.

    ``after`` resumes an earlier watch. Without it the server must answer within the client's patience, so that a
    mistyped address is reported soon.

    Raises:
        TimeoutError: After ``timeout`` seconds; the job goes on.
    """
    deadline = Deadline(connection.retries.clock, timeout)
    patience = PATIENCE if after else connection.retries.patience
    while True:
        try:
            policy = _policy(connection, patience, deadline, on_lost)
            event, events = await connection.retry(policy, _open, connection, job_id, after, deadline)
            async with aclosing(events):
                while event is not None:
                    after, patience = max(after or 0, event.sequence), PATIENCE
                    yield event
                    if is_last(event):
                        return
                    event = await _next(events)
        except CallTimeoutError as error:
            if timeout is None:
                raise
            raise TimeoutError(f"The job {job_id} has not ended after {timeout:g} s; it goes on.") from error
        if on_lost:
            on_lost()
        await connection.sleep(PAUSE)


async def run(
    connection: AsyncConnection, request: SubmitJobRequest, on_lost: OnLost | None = None
) -> AsyncGenerator[JobEvent]:
    """Submit a job and yield its events; the server cancels the job when its call is left early.

    When the connection is lost, the job is watched to its end: the server may cancel it, or may just have restarted.
    A caller who leaves then has to cancel it.
    """
    last: JobEvent | None = None
    async with aclosing(connection.stream(connection.stubs.jobs.RunJob, request)) as events:
        event = await anext(events, None)
        while event is not None:
            last = event
            yield event
            if is_last(event):
                return
            event = await _next(events)
    if last is None:
        raise ServiceUnavailableError("The server ended the run before it began.")
    if on_lost:
        on_lost()
    async with aclosing(watch(connection, last.job_id, last.sequence, on_lost)) as events:
        async for event in events:
            yield event


async def _open(
    connection: AsyncConnection, job_id: str, after: int | None, deadline: Deadline
) -> tuple[JobEvent | None, AsyncGenerator[JobEvent]]:
    """Open a watch and return it with its first event."""
    request = WatchJobRequest(job_id=job_id, after_sequence=after)
    events = connection.stream(connection.stubs.jobs.WatchJob, request, deadline.left)
    return await anext(events, None), events


async def _next(events: AsyncGenerator[JobEvent]) -> JobEvent | None:
    """Return the next event, or None when the connection is lost."""
    try:
        return await anext(events, None)
    except VideoAnnotatorError as error:
        if not is_unavailable(error):
            raise
        return None


def _policy(connection: AsyncConnection, patience: float, deadline: Deadline, on_lost: OnLost | None) -> RetryPolicy:
    """Try for ``patience`` seconds to open a watch."""

    def lost(state: RetryCallState) -> None:
        if state.attempt_number == 1 and on_lost:
            on_lost()

    return RetryPolicy(
        retry=is_unavailable,
        wait=wait_random_exponential(PAUSE, max=10),
        stop=connection.retries.stop_after(patience if deadline.left is None else min(patience, deadline.left)),
        before_sleep=lost,
    )
