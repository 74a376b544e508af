"""JobService."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from google.protobuf import empty_pb2

from videoannotator.errors import InvalidRequestError, VideoAnnotatorError, Violation
from videoannotator.service.auth.access import Principal
from videoannotator.service.job_service import JobService
from videoannotator.service.jobs.repository import JobFilter
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.validator import MAX_LABELS
from videoannotator.service.jobs.views import JobView
from videoannotator.service.jobs.watching import Ended, Watcher
from videoannotator.v1 import jobs_pb2, jobs_pb2_grpc, types_pb2
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.paging import decode_token, encode_token, offset, page_size
from videoannotator_server.renderings import PerView

logger = logging.getLogger(__name__)


@dataclass
class _Attached:
    """A job that lives only as long as the call that submitted it."""

    submission: asyncio.Task[JobView]
    ended: bool = False


class JobServicer(jobs_pb2_grpc.JobServiceServicer):
    """Takes, shows and steers jobs."""

    def __init__(self, jobs: JobService, watcher: Watcher) -> None:
        self._jobs = jobs
        self._watcher = watcher
        self._message = PerView(messages.job)
        self._cancellations: set[asyncio.Task[None]] = set()

    async def SubmitJob(self, request: jobs_pb2.SubmitJobRequest, context: Context) -> types_pb2.Job:
        """Queue a job."""
        view = await self._jobs.submit(caller(), _job_request(request), store=not request.validate_only)
        return messages.job(view)

    async def RunJob(self, request: jobs_pb2.SubmitJobRequest, context: Context) -> AsyncIterator[jobs_pb2.JobEvent]:
        """Queue a job, tell what happens to it, and cancel it when the caller goes away."""
        if request.validate_only:
            raise InvalidRequestError("validate_only makes sense with SubmitJob only.", field="validate_only")
        principal = caller()
        attached = _Attached(asyncio.create_task(self._jobs.submit(principal, _job_request(request))))
        # The callback also comes when the call ends between two messages, where no exception reaches this code.
        context.add_done_callback(lambda _: self._detach(principal, attached))  # type: ignore[arg-type] # wrong stub
        view = await asyncio.shield(attached.submission)
        async for update in self._watcher.watch(principal, view.job.id, after=0):
            attached.ended = isinstance(update, Ended)
            yield messages.job_event(update)

    async def WatchJob(self, request: jobs_pb2.WatchJobRequest, context: Context) -> AsyncIterator[jobs_pb2.JobEvent]:
        """Tell what happens to a job."""
        after = request.after_sequence if request.HasField("after_sequence") else None
        async for update in self._watcher.watch(caller(), request.job_id, after):
            yield messages.job_event(update)

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: Context) -> types_pb2.Job:
        """Return one job."""
        return self._message(await self._jobs.get(caller(), request.job_id))

    async def ListJobs(self, request: jobs_pb2.ListJobsRequest, context: Context) -> jobs_pb2.ListJobsResponse:
        """Return a page of jobs."""
        if request.page_token and request.page:
            raise InvalidRequestError("page_token and page exclude each other.", field="page")
        size = page_size(request.per_page, "per_page") if request.per_page else page_size(request.page_size)
        page = await self._jobs.list(
            caller(), _job_filter(request), size, decode_token(request.page_token), offset(request.page, size)
        )
        return jobs_pb2.ListJobsResponse(
            jobs=[messages.job(view) for view in page.jobs],
            next_page_token=encode_token(page.last_key),
            total=page.total,
        )

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: Context) -> types_pb2.Job:
        """Stop a job."""
        if len(request.reason) > 500:
            raise InvalidRequestError("reason may have 500 characters at the most.", field="reason")
        return messages.job(await self._jobs.cancel(caller(), request.job_id, request.reason))

    async def RetryJob(self, request: jobs_pb2.RetryJobRequest, context: Context) -> types_pb2.Job:
        """Queue a job again."""
        return messages.job(await self._jobs.retry(caller(), request.job_id))

    async def DeleteJob(self, request: jobs_pb2.DeleteJobRequest, context: Context) -> empty_pb2.Empty:
        """Remove a job."""
        delete_video = request.delete_video if request.HasField("delete_video") else None
        await self._jobs.delete(caller(), request.job_id, force=request.force, delete_video=delete_video)
        return empty_pb2.Empty()

    async def GetJobResults(self, request: jobs_pb2.GetJobResultsRequest, context: Context) -> jobs_pb2.JobResults:
        """Return what a job has committed."""
        view = await self._jobs.get(caller(), request.job_id)
        return jobs_pb2.JobResults(
            job_id=view.job.id,
            status=messages.job_status(view.job.status),
            runs=messages.runs(view),
            artifacts=[messages.artifact(row) for row in view.artifacts if row.pipeline is None],
        )

    def _detach(self, principal: Principal, attached: _Attached) -> None:
        # A service that shuts down requeues its jobs; it is not the caller who went away.
        if not attached.ended and not self._watcher.is_closed:
            task = asyncio.create_task(self._cancel_abandoned(principal, attached.submission))
            self._cancellations.add(task)
            task.add_done_callback(self._cancellations.discard)

    async def _cancel_abandoned(self, principal: Principal, submission: asyncio.Task[JobView]) -> None:
        try:
            view = await submission
            await self._jobs.cancel(principal, view.job.id, "the attached client went away")
        except VideoAnnotatorError as error:
            logger.info("An attached client went away, and nothing is to be cancelled: %s.", error)


def _job_request(request: jobs_pb2.SubmitJobRequest) -> JobRequest:
    return JobRequest(
        video_id=request.video_id,
        pipelines=tuple(request.pipelines),
        config=messages.mapping(request.config, "config"),
        outputs=tuple(request.outputs),
        labels=dict(request.labels),
        priority=request.priority,
        max_attempts=request.max_attempts if request.HasField("max_attempts") else None,
        retention_days=request.retention_days if request.HasField("retention_days") else None,
        request_id=request.request_id if request.HasField("request_id") else None,
    )


def _job_filter(request: jobs_pb2.ListJobsRequest) -> JobFilter:
    status = None
    if request.status:
        if request.status not in types_pb2.JobStatus.values():
            message = f"status {request.status} is not known."
            raise InvalidRequestError(message, violations=[Violation("status", "INVALID_VALUE", message)])
        status = JobStatus(types_pb2.JobStatus.Name(request.status).removeprefix("JOB_STATUS_").lower())
    if len(request.labels) > MAX_LABELS or any("\0" in name + value for name, value in request.labels.items()):
        message = f"labels may have {MAX_LABELS} entries at the most, without NUL characters."
        raise InvalidRequestError(message, field="labels")
    return JobFilter(
        status=status,
        video_id=request.video_id or None,
        labels=dict(request.labels),
        oldest_first=request.order == jobs_pb2.JOB_ORDER_CREATED_ASC,
    )
