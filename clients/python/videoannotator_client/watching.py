"""Following a job until it ends, across lost connections."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random_exponential

from videoannotator.errors import ServiceUnavailableError, VideoAnnotatorError
from videoannotator.v1.jobs_pb2 import JobEvent, SubmitJobRequest, WatchJobRequest
from videoannotator.v1.types_pb2 import Job
from videoannotator_client.calls import persistently
from videoannotator_client.faults import CallTimeoutError, is_unavailable
from videoannotator_client.following import is_last
from videoannotator_client.steps import Close, Consult, Emit, Manners, Open, Plan, Read, Sleep

PATIENCE = 300.0
"""Seconds without a connection before a watch that had one is given up."""
PAUSE = 0.5
"""Seconds before the first try after a lost connection; it grows from there."""
STOP_REASON = "The submitter stopped waiting."

OnLost = Callable[[], None]
"""Told when the connection is lost and another one is tried."""


class _Deadline:
    """When a watch must be over; never without a ``timeout``."""

    def __init__(self, clock: Callable[[], float], timeout: float | None) -> None:
        self._clock = clock
        self._timeout = timeout
        self._end = math.inf if timeout is None else clock() + timeout

    @property
    def left(self) -> float | None:
        """Seconds that are left, as gRPC wants them."""
        return None if math.isinf(self._end) else max(self._end - self._clock(), 0.0)

    def expired(self, job_id: str) -> TimeoutError:
        """Return the error that says so."""
        return TimeoutError(f"The job {job_id} has not ended after {self._timeout:g} s; it goes on.")


def watch(
    job_id: str, after: int | None = None, on_lost: OnLost | None = None, timeout: float | None = None
) -> Plan[Job]:
    """Emit the events of a job up to its terminal one, each once, however often the connection breaks; return the job.

    ``after`` resumes an earlier watch. Without it the server must answer within the client's patience: nobody waits
    long for a mistyped address.

    Raises:
        TimeoutError: After ``timeout`` seconds; the job goes on.
    """
    manners: Manners = yield Consult()
    deadline = _Deadline(manners.clock, timeout)
    patience = PATIENCE if after else manners.patience
    while True:
        try:
            stream, event = yield from _opened(job_id, after, on_lost, patience, deadline)
            try:
                while event is not None:
                    after, patience = max(after or 0, event.sequence), PATIENCE
                    yield Emit(event)
                    if is_last(event):
                        return event.terminal.job
                    event = yield from _next(stream)
            finally:
                yield Close(stream)
        except CallTimeoutError as error:
            raise deadline.expired(job_id) from error
        if on_lost:
            on_lost()
        yield Sleep(PAUSE)


def run(request: SubmitJobRequest, on_lost: OnLost | None = None) -> Plan[Job]:
    """Submit a job, emit its events and return it; the server cancels the job when its call is left early.

    When the connection is lost, the job is watched to its end: the server may cancel it, or may just have restarted.
    Who leaves then has to cancel it.
    """
    stream = yield Open(lambda stubs: stubs.jobs.RunJob, request)
    last: JobEvent | None = None
    try:
        event: JobEvent | None = yield Read(stream)
        while event is not None:
            last = event
            yield Emit(event)
            if is_last(event):
                return event.terminal.job
            event = yield from _next(stream)
    finally:
        yield Close(stream)
    if last is None:
        raise ServiceUnavailableError("The server ended the run before it began")
    if on_lost:
        on_lost()
    return (yield from watch(last.job_id, last.sequence, on_lost))


def _opened(
    job_id: str, after: int | None, on_lost: OnLost | None, patience: float, deadline: _Deadline
) -> Plan[tuple[Any, JobEvent | None]]:
    """Open a watch and return it with its first event; try for ``patience`` seconds."""

    def lost(state: RetryCallState) -> None:
        if state.attempt_number == 1 and on_lost:
            on_lost()

    def attempt() -> Plan[tuple[Any, JobEvent | None]]:
        request = WatchJobRequest(job_id=job_id, after_sequence=after)
        stream = yield Open(lambda stubs: stubs.jobs.WatchJob, request, deadline.left)
        return stream, (yield Read(stream))

    policy = Retrying(
        retry=retry_if_exception(is_unavailable),
        wait=wait_random_exponential(PAUSE, max=10),
        stop=stop_after_delay(patience if deadline.left is None else min(patience, deadline.left)),
        before_sleep=lost,
        reraise=True,
    )
    return (yield from persistently(policy, attempt))


def _next(stream: Any) -> Plan[JobEvent | None]:
    """Return the next event, or None when the connection is lost."""
    try:
        event: JobEvent | None = yield Read(stream)
    except VideoAnnotatorError as error:
        if not is_unavailable(error):
            raise
        return None
    return event
