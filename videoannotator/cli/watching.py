"""Following a job until it ends, across lost connections."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import grpc
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from videoannotator.cli.connection import Connection, is_unavailable
from videoannotator.v1.jobs_pb2 import CancelJobRequest, JobEvent, SubmitJobRequest, WatchJobRequest
from videoannotator.v1.types_pb2 import Job, JobStatus

PATIENCE = 300.0
"""Seconds without a connection before the watch is given up."""
PAUSE = 0.5
"""Seconds before the first try after a lost connection; it grows from there."""

OnLost = Callable[[], None]
"""Told when the connection is lost and another one is tried."""


def watch(connection: Connection, job_id: str, on_lost: OnLost, after: int | None = None) -> Iterator[JobEvent]:
    """Yield the events of a job up to its terminal one, each once, however often the connection breaks.

    ``after`` resumes an earlier watch. Without it the server must answer now: nobody waits for a mistyped address.
    """
    patience = PATIENCE if after else 0.0
    while True:
        for event in _opened(connection, WatchJobRequest(job_id=job_id, after_sequence=after), on_lost, patience):
            after, patience = max(after or 0, event.sequence), PATIENCE
            yield event
            if event.WhichOneof("event") == "terminal":
                return
        on_lost()
        time.sleep(PAUSE)


def run(connection: Connection, request: SubmitJobRequest, on_lost: OnLost) -> Iterator[JobEvent]:
    """Submit a job and yield its events; closing the iterator early cancels the job.

    When the connection is lost, the job is watched to its end: the server may cancel it, or may just have restarted.
    """
    call = connection.jobs.RunJob(request)
    last: JobEvent | None = None
    try:
        for last in call:
            yield last
            if last.WhichOneof("event") == "terminal":
                return
    except grpc.RpcError as error:
        if last is None or not is_unavailable(error):
            raise
    finally:
        call.cancel()
    if last is not None:
        on_lost()
        try:
            yield from watch(connection, last.job_id, on_lost, last.sequence)
        except (GeneratorExit, KeyboardInterrupt):
            connection.jobs.CancelJob(CancelJobRequest(job_id=last.job_id, reason="The submitter stopped waiting."))
            raise


def await_end(connection: Connection, job_id: str, patience: float) -> Iterator[JobEvent]:
    """Yield the events of a job that is being cancelled, for at most ``patience`` seconds."""
    try:
        yield from connection.jobs.WatchJob(WatchJobRequest(job_id=job_id), timeout=patience)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
            raise


def has_ended(job: Job) -> bool:
    """Whether a job is in a terminal status."""
    return job.status in {
        JobStatus.JOB_STATUS_COMPLETED,
        JobStatus.JOB_STATUS_FAILED,
        JobStatus.JOB_STATUS_CANCELLED,
    }


def _opened(connection: Connection, request: WatchJobRequest, on_lost: OnLost, patience: float) -> Iterator[JobEvent]:
    """Yield what one connection brings until it is lost; try for ``patience`` seconds to get one."""

    def lost(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            on_lost()

    def open_watch() -> tuple[list[JobEvent], Iterator[JobEvent]]:
        call = connection.jobs.WatchJob(request)
        return list(itertools.islice(call, 1)), call

    retrying = Retrying(
        retry=retry_if_exception(is_unavailable),
        wait=wait_random_exponential(PAUSE, max=10),
        stop=stop_after_delay(patience),
        before_sleep=lost,
        reraise=True,
    )
    first, rest = retrying(open_watch)
    try:
        yield from first
        yield from rest
    except grpc.RpcError as error:
        if not is_unavailable(error):
            raise
