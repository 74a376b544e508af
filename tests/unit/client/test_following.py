"""What events add up to: the job as the server would tell it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from videoannotator_client import Progress, error_of_job, followed, has_ended
from videoannotator_client.progress import JobProgress

from videoannotator.errors import JobCancelledError, PartialFailureError
from videoannotator.v1.jobs_pb2 import JobEvent, PipelineProgress, QueuePosition, StatusChange
from videoannotator.v1.types_pb2 import Job, JobStatus, PipelineRun, ProgressUnit, RunStatus


def waiting() -> Job:
    return Job(id="j", status=JobStatus.JOB_STATUS_PENDING, queue_position=3, runs=[PipelineRun(pipeline="scene")])


def test_a_job_moves_in_the_queue_starts_goes_on_and_ends():
    job = followed(Job(), JobEvent(snapshot=waiting()))
    job = followed(job, JobEvent(queue_position=QueuePosition(position=1)))
    assert job.queue_position == 1
    job = followed(job, JobEvent(status=StatusChange(status=JobStatus.JOB_STATUS_RUNNING, attempt=1)))
    assert (job.status, job.attempt, job.HasField("queue_position")) == (JobStatus.JOB_STATUS_RUNNING, 1, False)
    progress = PipelineProgress(
        pipeline="scene", status=RunStatus.RUN_STATUS_RUNNING, progress=0.5, units_done=5, units_total=10,
        units_failed=1, job_progress=0.25, unit=ProgressUnit.PROGRESS_UNIT_FRAMES,
    )  # fmt: skip
    job = followed(job, JobEvent(progress=progress))
    (run,) = job.runs
    assert (job.progress, run.progress, run.units_done, run.units_total, run.units_failed) == (0.25, 0.5, 5, 10, 1)
    assert not has_ended(job)
    event = JobEvent()
    event.terminal.job.status = JobStatus.JOB_STATUS_COMPLETED
    assert has_ended(followed(job, event))


def test_a_job_that_waits_for_a_retry_says_until_when():
    change = StatusChange(status=JobStatus.JOB_STATUS_PENDING, attempt=1)
    change.next_attempt_at.FromSeconds(1000)
    job = followed(waiting(), JobEvent(status=change))
    assert job.next_attempt_at.seconds == 1000
    job = followed(job, JobEvent(status=StatusChange(status=JobStatus.JOB_STATUS_RUNNING, attempt=2)))
    assert not job.HasField("next_attempt_at")


EVENTS = st.one_of(
    st.builds(QueuePosition, position=st.integers(1, 9)).map(lambda each: JobEvent(queue_position=each)),
    st.builds(StatusChange, status=st.sampled_from(JobStatus.values())).map(lambda each: JobEvent(status=each)),
    st.builds(
        PipelineProgress, pipeline=st.sampled_from("ab"), progress=st.floats(0, 1), units_done=st.integers(0, 9)
    ).map(lambda each: JobEvent(progress=each)),
)


@given(st.lists(EVENTS, max_size=8))
def test_no_event_changes_the_job_that_was(events: list[JobEvent]):
    job = waiting()
    for event in events:
        before = job.SerializeToString(deterministic=True)
        after = followed(job, event)
        assert job.SerializeToString(deterministic=True) == before
        assert len({run.pipeline for run in after.runs}) == len(after.runs)
        job = after


def test_the_error_of_a_job_names_it():
    job = Job(id="j", status=JobStatus.JOB_STATUS_COMPLETED)
    assert error_of_job(job) is None
    job.error.code = "PARTIAL_FAILURE"
    error = error_of_job(job)
    assert isinstance(error, PartialFailureError)
    assert error.detail == {"job_id": "j"}
    cancelled = error_of_job(Job(id="j", status=JobStatus.JOB_STATUS_CANCELLED, cancel_reason="enough"))
    assert isinstance(cancelled, JobCancelledError)
    assert "enough" in cancelled.message


def test_progress_is_told_when_there_is_news_in_the_unit_of_the_pipeline():
    heard: list[Progress] = []
    hear = JobProgress(heard.append)
    hear(JobEvent(snapshot=waiting()))
    seconds = ProgressUnit.PROGRESS_UNIT_SECONDS
    news = PipelineProgress(pipeline="scene", units_done=2, units_total=8, unit=seconds, progress=0.25)
    hear(JobEvent(progress=news))
    hear(JobEvent(progress=news))
    hear(JobEvent(progress=PipelineProgress(pipeline="other", progress=0.333)))
    assert heard == [
        Progress("scene", 0, 100, "%"), Progress("scene", 2, 8, "seconds"), Progress("other", 33, 100, "%"),
    ]  # fmt: skip
