"""Submitting, following and steering jobs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

from videoannotator.errors import InvalidRequestError, JobAlreadyCompletedError, JobNotFoundError
from videoannotator.v1.jobs_pb2 import (
    CancelJobRequest,
    DeleteJobRequest,
    GetJobRequest,
    JobEvent,
    ListJobsRequest,
    RetryJobRequest,
)
from videoannotator.v1.types_pb2 import Job, JobStatus
from videoannotator_client._async import upload as uploading
from videoannotator_client._async import watching
from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client._async.paging import listing
from videoannotator_client.following import FollowedJob
from videoannotator_client.listing import Listing
from videoannotator_client.names import Names
from videoannotator_client.progress import JobProgress, ProgressCallback, ProgressOption, reporter
from videoannotator_client.requests import JobOptions, JobOrId, id_of, number_of, validation_result
from videoannotator_client.sources import VideoFile, open_source

_DELETE_TIMEOUT = 60.0
"""Seconds for a forced delete, which waits for the worker to be gone."""
STOP_TIMEOUT = 10.0
"""Seconds to wait for a cancelled job to end."""


class AsyncJobOperations:
    """What a client does with jobs."""

    _connection: AsyncConnection

    async def submit(
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
    ) -> Job:
        """Queue a job on a video, which is uploaded first, or on one that is on the server already (``video_id``).

        The server keeps the job for ``retention_days`` after its end, 0 for ever, or as long as its own rule says.
        Everything is checked before anything is uploaded. Repeating a ``request_id`` returns the same job.

        Raises:
            InvalidConfigError: With every violation.
            VideoAnnotatorError: If the server refuses the video or the job.
        """
        options = JobOptions(pipelines, config, outputs, labels, priority, max_attempts, retention_days, request_id)
        with reporter(progress) as report:
            id_ = await self._video_id(video, video_id, options, report)
        return await self._connection.call(self._connection.stubs.jobs.SubmitJob, options.submission(id_))

    async def watch(
        self,
        job: JobOrId,
        *,
        after: int | None = None,
        timeout: float | None = None,
        progress: ProgressOption = False,
        on_lost: watching.OnLost | None = None,
    ) -> AsyncGenerator[JobEvent]:
        """Yield the events of a job to its end, resuming after a lost connection; leaving it leaves the job alone.

        ``after`` is the sequence of the last event you have; 0 yields everything from the job's beginning.

        Raises:
            TimeoutError: After ``timeout`` seconds; the job goes on.
            JobNotFoundError: If there is none.
        """
        with reporter(progress) as report:
            report_event = JobProgress(report)
            async with aclosing(watching.watch(self._connection, id_of(job), after, on_lost, timeout)) as events:
                async for event in events:
                    report_event(event)
                    yield event

    async def wait(
        self,
        job: JobOrId,
        *,
        timeout: float | None = None,
        check: bool = True,
        progress: ProgressOption = False,
        on_event: Callable[[JobEvent], None] | None = None,
    ) -> Job:
        """Return a job when it has ended.

        Raises:
            TimeoutError: After ``timeout`` seconds; the job goes on.
            VideoAnnotatorError: With ``check``, the job's error: why it failed or failed in part, or that it was
                cancelled.
        """
        followed = FollowedJob()
        async with aclosing(self.watch(job, timeout=timeout, progress=progress)) as events:
            async for event in events:
                followed.apply(event)
                if on_event:
                    on_event(event)
        return followed.outcome(check)

    async def job(self, job_id: str) -> Job:
        """Return one job.

        Raises:
            JobNotFoundError: If there is none.
        """
        return await self._connection.call(self._connection.stubs.jobs.GetJob, GetJobRequest(job_id=job_id))

    async def jobs(
        self,
        *,
        status: str | None = None,
        video_id: str | None = None,
        labels: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Listing[Job]:
        """Return your jobs, newest first: all that fit, or ``limit`` of them.

        Raises:
            InvalidRequestError: If there is no such status.
        """
        request = ListJobsRequest(
            video_id=video_id or "", labels=labels or {}, status=number_of(JobStatus, status, "status")
        )
        rpc = self._connection.stubs.jobs.ListJobs
        return await listing(self._connection, rpc, request, lambda page: page.jobs, limit)

    async def cancel(self, job: JobOrId, reason: str = "") -> Job:
        """Stop a job and free what it uses; it is CANCELLING until its worker is gone.

        Raises:
            JobAlreadyCompletedError: If it has ended.
        """
        request = CancelJobRequest(job_id=id_of(job), reason=reason)
        return await self._connection.call(self._connection.stubs.jobs.CancelJob, request)

    async def stop(
        self,
        job: JobOrId,
        reason: str = watching.STOP_REASON,
        *,
        timeout: float = STOP_TIMEOUT,
        on_event: Callable[[JobEvent], None] | None = None,
    ) -> Job:
        """Stop a job if it has not ended, wait up to ``timeout`` seconds for its end, and return it as it is then."""
        with suppress(JobAlreadyCompletedError):
            await self.cancel(job, reason)
        try:
            return await self.wait(job, timeout=timeout, check=False, on_event=on_event)
        except TimeoutError:
            return await self.job(id_of(job))

    async def retry(self, job: JobOrId) -> Job:
        """Queue a failed, cancelled or partly failed job again.

        Raises:
            JobNotRetryableError: If it is none of these.
        """
        return await self._connection.ask(self._connection.stubs.jobs.RetryJob, RetryJobRequest(job_id=id_of(job)))

    async def delete(self, job: JobOrId, *, force: bool = False, delete_video: bool | None = None) -> None:
        """Remove a job and its results; ``force`` cancels it first if it has not ended.

        ``delete_video`` says whether its video goes, too, if no other job is left of it; the server decides by default.

        Raises:
            JobNotFoundError: If there is none.
            JobNotFinishedError: If it has not ended, without ``force``.
        """
        request = DeleteJobRequest(job_id=id_of(job), force=force, delete_video=delete_video)
        rpc = self._connection.stubs.jobs.DeleteJob
        await self._connection.delete(rpc, request, JobNotFoundError, _DELETE_TIMEOUT)

    async def _run(
        self,
        video: VideoFile | None,
        video_id: str | None,
        options: JobOptions,
        progress: ProgressOption,
        on_lost: watching.OnLost | None,
    ) -> AsyncGenerator[JobEvent]:
        """Yield the events of a job that is cancelled when the generator is closed before the job's end."""
        with reporter(progress) as report:
            id_ = await self._video_id(video, video_id, options, report)
            report_event = JobProgress(report)
            async with aclosing(watching.run(self._connection, options.submission(id_), on_lost)) as events:
                async for event in events:
                    report_event(event)
                    yield event

    async def _video_id(
        self, video: VideoFile | None, video_id: str | None, options: JobOptions, report: ProgressCallback
    ) -> str:
        """Return the id of the video that is meant; one that is not on the server is uploaded if a job would run."""
        if video_id is not None and video is None:
            return video_id
        if video is None or video_id is not None:
            raise InvalidRequestError(
                "Name either a video or a video_id.", field="video", hint="Give exactly one of them."
            )
        with open_source(video) as source:
            rpc = self._connection.stubs.pipelines.ValidateConfig
            validation_result(await self._connection.call(rpc, options.validation())).require()
            return (await uploading.upload(self._connection, source, report)).id
