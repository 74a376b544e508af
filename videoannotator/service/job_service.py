"""What can be done with jobs, as one object: validation, storage and execution joined."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from videoannotator.errors import JobAlreadyCompletedError
from videoannotator.service.artifacts.stored_files import remove_job
from videoannotator.service.auth.access import Principal
from videoannotator.service.auth.audit_log import Action, AuditLog
from videoannotator.service.execution.supervisor import Supervisor
from videoannotator.service.jobs.repository import JobFilter, JobPage, JobRepository
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.submissions import Submissions
from videoannotator.service.jobs.validator import JobValidator
from videoannotator.service.jobs.views import JobView
from videoannotator.service.storage_layout import Layout


class JobService:
    """Takes, shows and steers jobs on behalf of a principal. Lives on one event loop."""

    def __init__(
        self,
        repository: JobRepository,
        validator: JobValidator,
        submissions: Submissions,
        supervisor: Supervisor,
        layout: Layout,
        audit_log: AuditLog,
        *,
        delete_unused_videos: bool = False,
    ) -> None:
        """``delete_unused_videos``: whether a video goes with the last of its jobs where a caller does not say."""
        self._repository = repository
        self._validator = validator
        self._submissions = submissions
        self._supervisor = supervisor
        self._layout = layout
        self._audit_log = audit_log
        self._delete_unused_videos = delete_unused_videos
        self._reads: dict[tuple[Principal, str, object], asyncio.Task[JobView]] = {}

    async def check(self, request: JobRequest) -> None:
        """Raise what is wrong with a request, as far as can be said without its video."""
        await asyncio.to_thread(self._validator.validate, request)

    async def submit(self, principal: Principal, request: JobRequest, *, store: bool = True) -> JobView:
        """Queue a job; ``store=False`` only returns what would be queued.

        Raises:
            VideoAnnotatorError: What `JobValidator.validate` and `Submissions.submit` raise.
        """
        valid = await asyncio.to_thread(self._validator.validate, request)
        view = await asyncio.to_thread(self._submissions.submit, principal, valid, store=store)
        if store:
            self._audit_log.record(principal, Action.JOB_SUBMITTED, job_id=view.job.id, video_id=view.job.video_id)
            self._supervisor.wake()
        return view

    async def get(self, principal: Principal, job_id: str) -> JobView:
        """Return one job."""
        if known := self._repository.known(principal, job_id):
            return known
        # One read serves all who ask before anything else is written; later callers must see what was written.
        key = (principal, job_id, self._repository.version)
        read = self._reads.get(key)
        if read is None:
            read = asyncio.create_task(asyncio.to_thread(self._repository.get, principal, job_id))
            read.add_done_callback(lambda _: self._reads.pop(key))
            self._reads[key] = read
        return await asyncio.shield(read)

    async def list(
        self, principal: Principal, filters: JobFilter, limit: int, after: tuple[float, str] | None, offset: int
    ) -> JobPage:
        """Return a page of jobs."""
        return await asyncio.to_thread(self._repository.list, principal, filters, limit, after, offset)

    async def cancel(self, principal: Principal, job_id: str, reason: str = "") -> JobView:
        """Stop a job: recorded first, so that it is not lost, then carried out."""
        view = await asyncio.to_thread(self._repository.cancel, principal, job_id, reason)
        self._audit_log.record(principal, Action.JOB_CANCELLED, job_id=job_id, reason=reason or None)
        await self._supervisor.cancel(job_id)
        return view

    async def retry(self, principal: Principal, job_id: str) -> JobView:
        """Queue a job that failed or was cancelled again."""
        view = await asyncio.to_thread(self._repository.retry, principal, job_id)
        self._audit_log.record(principal, Action.JOB_RETRIED, job_id=job_id)
        self._supervisor.wake()
        return view

    async def delete(
        self, principal: Principal, job_id: str, *, force: bool = False, delete_video: bool | None = None
    ) -> None:
        """Remove a job with its results.

        Args:
            principal: Must own the job.
            job_id: The job.
            force: Whether it is stopped first if it has not ended.
            delete_video: Whether its video goes, too, if no other job is left of it; None as the service is set.
        """
        if force:
            with suppress(JobAlreadyCompletedError):
                await self.cancel(principal, job_id, "deleted")
            await self._supervisor.wait_for(job_id)
        with_video = self._delete_unused_videos if delete_video is None else delete_video
        video_id = await asyncio.to_thread(self._repository.delete, principal, job_id, with_video=with_video)
        self._audit_log.record(principal, Action.JOB_DELETED, job_id=job_id, video_id=video_id)
        await asyncio.to_thread(remove_job, self._layout, job_id)
        if video_id is not None:
            await asyncio.to_thread(self._layout.remove_video, video_id)
