"""Submitting, following and steering jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from videoannotator.errors import InvalidRequestError, JobAlreadyCompletedError, JobNotFoundError
from videoannotator.v1.jobs_pb2 import (
    CancelJobRequest,
    DeleteJobRequest,
    GetJobRequest,
    JobEvent,
    ListJobsRequest,
    ListJobsResponse,
    RetryJobRequest,
)
from videoannotator.v1.types_pb2 import Job, JobStatus
from videoannotator_client import watching
from videoannotator_client.calls import ask, call
from videoannotator_client.following import error_of_job
from videoannotator_client.names import Names, names_in
from videoannotator_client.plans.deleting import deletion
from videoannotator_client.plans.paging import Listing, listing
from videoannotator_client.progress import JobProgress, Report, Showing, shown
from videoannotator_client.requests import JobOrId, Wish, id_of, number_of, verdict_of
from videoannotator_client.sources import VideoFile, opened
from videoannotator_client.steps import Plan, tap
from videoannotator_client.upload import upload

_DELETE_TIMEOUT = 60.0
"""Seconds for a forced delete, which waits for the worker to be gone."""
STOP_TIMEOUT = 10.0
"""Seconds to wait for a cancelled job to end."""


def submit(
    video: VideoFile | None = None,
    pipelines: Names = (),
    *,
    video_id: str | None = None,
    config: Mapping[str, Any] | None = None,
    outputs: Names = (),
    labels: Mapping[str, str] | None = None,
    priority: int = 0,
    max_attempts: int | None = None,
    request_id: str | None = None,
    progress: Showing = False,
) -> Plan[Job]:
    """Queue a job on a video, which is uploaded first, or on one that is on the server already (``video_id``).

    Everything is checked before anything is uploaded. Repeating a ``request_id`` returns the same job.

    Raises:
        InvalidConfigError: With every violation.
        VideoAnnotatorError: If the server refuses the video or the job.
    """
    wish = _wish(pipelines, config, outputs, labels, priority, max_attempts, request_id)
    with shown(progress) as report:
        id_ = yield from _video_id(video, video_id, wish, report)
    return (yield from call(lambda stubs: stubs.jobs.SubmitJob, wish.submission(id_)))


def run(
    video: VideoFile | None = None,
    pipelines: Names = (),
    *,
    video_id: str | None = None,
    config: Mapping[str, Any] | None = None,
    outputs: Names = (),
    labels: Mapping[str, str] | None = None,
    priority: int = 0,
    max_attempts: int | None = None,
    request_id: str | None = None,
    progress: Showing = False,
    on_lost: watching.OnLost | None = None,
) -> Plan[Job]:
    """Run a job that lives no longer than the ``with`` block: leaving it before the job's end cancels the job.

    Takes what `submit` takes; ``on_lost`` is told when the connection is lost and tried again.

    Raises:
        InvalidConfigError: With every violation.
        VideoAnnotatorError: If the server refuses the video or the job.
    """
    wish = _wish(pipelines, config, outputs, labels, priority, max_attempts, request_id)
    with shown(progress) as report:
        id_ = yield from _video_id(video, video_id, wish, report)
        return (yield from tap(watching.run(wish.submission(id_), on_lost), JobProgress(report), onward=True))


def watch(
    job: JobOrId,
    *,
    after: int | None = None,
    timeout: float | None = None,
    progress: Showing = False,
    on_lost: watching.OnLost | None = None,
) -> Plan[Job]:
    """Yield the events of a job to its end, resuming after a lost connection; leaving it leaves the job alone.

    ``after`` is the sequence of the last event you have; 0 yields everything from the job's beginning.

    Raises:
        TimeoutError: After ``timeout`` seconds; the job goes on.
        JobNotFoundError: If there is none.
    """
    with shown(progress) as report:
        events = watching.watch(id_of(job), after, on_lost, timeout)
        return (yield from tap(events, JobProgress(report), onward=True))


def wait(
    job: JobOrId,
    *,
    timeout: float | None = None,
    check: bool = True,
    progress: Showing = False,
    on_event: Callable[[JobEvent], None] | None = None,
) -> Plan[Job]:
    """Return a job when it has ended.

    Raises:
        TimeoutError: After ``timeout`` seconds; the job goes on.
        VideoAnnotatorError: With ``check``, the job's error: why it failed or failed in part, or that it was cancelled.
    """
    ended = yield from tap(watch(job, timeout=timeout, progress=progress), on_event or _not_at_all)
    if check and (error := error_of_job(ended)) is not None:
        raise error
    return ended


def job(job_id: str) -> Plan[Job]:
    """Return one job.

    Raises:
        JobNotFoundError: If there is none.
    """
    return (yield from _job(job_id))


def jobs(
    *,
    status: str | None = None,
    video_id: str | None = None,
    labels: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> Plan[Listing[Job]]:
    """Return your jobs, newest first: all that fit, or ``limit`` of them.

    Raises:
        InvalidRequestError: If there is no such status.
    """
    request = ListJobsRequest(
        video_id=video_id or "", labels=labels or {}, status=number_of(JobStatus, status, "status")
    )
    return (yield from listing(lambda stubs: stubs.jobs.ListJobs, request, _jobs_of, limit))


def cancel(job: JobOrId, reason: str = "") -> Plan[Job]:
    """Stop a job and free what it uses; it is CANCELLING until its worker is gone.

    Raises:
        JobAlreadyCompletedError: If it has ended.
    """
    request = CancelJobRequest(job_id=id_of(job), reason=reason)
    return (yield from call(lambda stubs: stubs.jobs.CancelJob, request))


def stop(
    job: JobOrId,
    reason: str = watching.STOP_REASON,
    *,
    timeout: float = STOP_TIMEOUT,
    on_event: Callable[[JobEvent], None] | None = None,
) -> Plan[Job]:
    """Stop a job if it has not ended, wait up to ``timeout`` seconds for its end, and return it as it is then."""
    with suppress(JobAlreadyCompletedError):
        yield from cancel(job, reason)
    try:
        return (yield from wait(job, timeout=timeout, check=False, on_event=on_event))
    except TimeoutError:
        return (yield from _job(id_of(job)))


def retry(job: JobOrId) -> Plan[Job]:
    """Queue a failed, cancelled or partly failed job again.

    Raises:
        JobNotRetryableError: If it is none of these.
    """
    return (yield from ask(lambda stubs: stubs.jobs.RetryJob, RetryJobRequest(job_id=id_of(job))))


def delete(job: JobOrId, *, force: bool = False) -> Plan[None]:
    """Remove a job and its results; ``force`` cancels it first if it has not ended.

    Raises:
        JobNotFoundError: If there is none.
        JobNotFinishedError: If it has not ended, without ``force``.
    """
    request = DeleteJobRequest(job_id=id_of(job), force=force)
    yield from deletion(lambda stubs: stubs.jobs.DeleteJob, request, _DELETE_TIMEOUT, JobNotFoundError)


def _job(job_id: str) -> Plan[Job]:
    return (yield from call(lambda stubs: stubs.jobs.GetJob, GetJobRequest(job_id=job_id)))


def _jobs_of(page: ListJobsResponse) -> list[Job]:
    return list(page.jobs)


def _wish(
    pipelines: Names,
    config: Mapping[str, Any] | None,
    outputs: Names,
    labels: Mapping[str, str] | None,
    priority: int,
    max_attempts: int | None,
    request_id: str | None,
) -> Wish:
    return Wish(names_in(pipelines), config or {}, names_in(outputs), labels or {}, priority, max_attempts, request_id)


def _video_id(video: VideoFile | None, video_id: str | None, wish: Wish, report: Report) -> Plan[str]:
    """Return the id of the video that is meant; one that has to be uploaded is, if the server accepts the wish."""
    if video_id is not None and video is None:
        return video_id
    if video is None or video_id is not None:
        raise InvalidRequestError("Name either a video or a video_id", field="video", hint="Give exactly one of them.")
    with opened(video) as source:
        answer = yield from call(lambda stubs: stubs.pipelines.ValidateConfig, wish.validation())
        verdict_of(answer).require()
        return (yield from upload(source, report)).id


def _not_at_all(_: object) -> None:
    """Do nothing with an event."""
