"""A job as its events tell."""

from __future__ import annotations

from videoannotator.errors import JobCancelledError, VideoAnnotatorError
from videoannotator.v1.jobs_pb2 import JobEvent, PipelineProgress, StatusChange
from videoannotator.v1.types_pb2 import Job, JobStatus, RunStatus
from videoannotator_client.errors import error_of_envelope

_ENDS = {JobStatus.JOB_STATUS_COMPLETED, JobStatus.JOB_STATUS_FAILED, JobStatus.JOB_STATUS_CANCELLED}


def has_ended(job: Job) -> bool:
    """Whether a job is in a terminal status."""
    return job.status in _ENDS


def is_last(event: JobEvent) -> bool:
    """Whether an event is the last of its job."""
    return event.WhichOneof("event") == "terminal"


def followed(job: Job, event: JobEvent) -> Job:
    """Return the job as it is after ``event``; ``job`` itself is left as it was."""
    match event.WhichOneof("event"):
        case "snapshot":
            return event.snapshot
        case "terminal":
            return event.terminal.job
    after = Job()
    after.CopyFrom(job)
    match event.WhichOneof("event"):
        case "queue_position":
            after.queue_position = event.queue_position.position
        case "status":
            _change_status(after, event.status)
        case "progress":
            _update_run(after, event.progress)
    return after


def error_of_job(job: Job) -> VideoAnnotatorError | None:
    """Return why a job that has ended did not complete whole, None if it did."""
    if job.HasField("error"):
        error = error_of_envelope(job.error)
        error.detail = {**error.detail, "job_id": job.id}
        return error
    if job.status == JobStatus.JOB_STATUS_CANCELLED:
        return JobCancelledError(f"The job {job.id} was cancelled: {job.cancel_reason}", {"job_id": job.id})
    return None


class FollowedJob:
    """A job that is kept as its events tell."""

    def __init__(self) -> None:
        self.job = Job()
        """The job as it was after the last event."""

    def apply(self, event: JobEvent) -> JobEvent:
        """Take in what happened, and return the event."""
        self.job = followed(self.job, event)
        return event

    def outcome(self, check: bool) -> Job:
        """Return the job that has ended.

        Raises:
            VideoAnnotatorError: With ``check``, the job's error, if it has one.
        """
        if check and (error := error_of_job(self.job)) is not None:
            raise error
        return self.job


def _change_status(job: Job, change: StatusChange) -> None:
    job.status = change.status
    job.attempt = change.attempt
    job.ClearField("next_attempt_at")
    if change.HasField("next_attempt_at"):
        job.next_attempt_at.CopyFrom(change.next_attempt_at)
    if change.status != JobStatus.JOB_STATUS_PENDING:
        job.ClearField("queue_position")


def _update_run(job: Job, news: PipelineProgress) -> None:
    job.progress = news.job_progress
    run = next((each for each in job.runs if each.pipeline == news.pipeline), None)
    if run is None:
        run = job.runs.add(pipeline=news.pipeline)
    run.status = RunStatus.ValueType(news.status)
    run.progress = news.progress
    run.units_done = news.units_done
    run.units_failed = news.units_failed
    run.unit = news.unit
    if news.HasField("units_total"):
        run.units_total = news.units_total
