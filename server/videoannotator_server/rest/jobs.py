"""Jobs as older clients list, cancel and read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from google.api import httpbody_pb2

from videoannotator.errors import InvalidRequestError, Violation
from videoannotator.rest.v1 import rest_pb2
from videoannotator.service.artifacts.downloads import main_first
from videoannotator.service.database.tables import ArtifactRow
from videoannotator.service.job_service import JobService
from videoannotator.service.jobs.repository import JobFilter
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.views import JobView
from videoannotator.v1 import jobs_pb2
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.paging import MAX_SIZE, offset
from videoannotator_server.renderings import PerView
from videoannotator_server.rest import events
from videoannotator_server.rest.render import dumps
from videoannotator_server.rest.responses import JSON, reply
from videoannotator_server.rest.shapes import as_json
from videoannotator_server.servicers.jobs import JobServicer

_PER_PAGE = 10


class JobHandlers:
    """The calls about jobs that REST has for itself."""

    def __init__(self, jobs: JobService, native: JobServicer) -> None:
        self._jobs = jobs
        self._native = native
        self._body = PerView(_body)

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return one job: derived from the native call it would be rendered each time, and clients ask often."""
        return self._body(await self._jobs.get(caller(), request.job_id))

    async def ListJobs(self, request: rest_pb2.ListJobsQuery, context: Context) -> httpbody_pb2.HttpBody:
        """Return a counted page of jobs, newest first."""
        number = request.page if request.HasField("page") else 1
        size = request.per_page if request.HasField("per_page") else _PER_PAGE
        _check_page(number, size, request.status_filter)
        filters = JobFilter(
            status=JobStatus(request.status_filter) if request.status_filter else None,
            video_id=request.video_id or None,
        )
        page = await self._jobs.list(caller(), filters, size, None, offset(number, size))
        jobs = [as_json(messages.job(view)) for view in page.jobs]
        return await reply(context, {"jobs": jobs, "total": page.total, "page": number, "per_page": size})

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Stop a job; return the whole job, and say in words what happens to it."""
        job = as_json(await self._native.CancelJob(request, context))
        done = job["status"] == JobStatus.CANCELLED
        message = "The job is cancelled." if done else "The job is being stopped."
        return await reply(context, {**job, "job_id": job["id"], "message": message})

    async def StreamEvents(
        self, request: rest_pb2.StreamEventsRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """Stream the events of the job that the query names."""
        if not request.job_id:
            message = "job_id is missing: events are streamed job by job."
            raise InvalidRequestError(message, violations=[Violation("job_id", "REQUIRED_FIELD_MISSING", message)])
        watch = jobs_pb2.WatchJobRequest(job_id=request.job_id)
        point = events.resume_point(context)
        if point is not None:
            watch.after_sequence = point
        elif request.HasField("after_sequence"):
            watch.after_sequence = request.after_sequence
        async for piece in events.stream(self._native.WatchJob(watch, context), context, resumed=point is not None):
            yield piece

    async def GetJobResults(self, request: jobs_pb2.GetJobResultsRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return what a job has left, pipeline by pipeline."""
        view = await self._jobs.get(caller(), request.job_id)
        job = as_json(messages.job(view))
        results = {run["pipeline"]: _result(view, run) for run in job["pipelines"]}
        content = {key: job[key] for key in ("status", "created_at", "completed_at", "result_path", "error_message")}
        artifacts = [as_json(messages.artifact(row)) for row in view.artifacts]
        return await reply(
            context, {"job_id": job["id"], **content, "pipeline_results": results, "artifacts": artifacts}
        )


def _body(view: JobView) -> httpbody_pb2.HttpBody:
    return httpbody_pb2.HttpBody(content_type=JSON, data=dumps(as_json(messages.job(view))))


def _result(view: JobView, run: dict[str, Any]) -> dict[str, Any]:
    """Return a run as older clients read it; its main file is the one that results/files sends."""
    files = [row for row in view.artifacts if row.pipeline == run["pipeline"]]
    main: ArtifactRow | None = min(files, key=main_first, default=None)
    where = f"/api/v1/jobs/{view.job.id}/results/files/{run['pipeline']}"
    return {
        "pipeline_name": run["pipeline"],
        "status": run["status"],
        "start_time": None,
        "end_time": None,
        "processing_time": run["elapsed"],
        "annotation_count": run["annotation_count"],
        "output_file": main.name if main else None,
        "download_url": where if main else None,
        "error_message": run["error"]["message"] if run["error"] else None,
        "units_done": run["units_done"],
        "units_failed": run["units_failed"],
        "units_total": run["units_total"],
        "unit": run["unit"],
        "models": run["models"],
        "warnings": run["warnings"],
        "artifacts": run["artifacts"],
    }


def _check_page(number: int, size: int, status: str) -> None:
    violations = []
    if not 1 <= number <= 1_000_000:
        allowed = {"minimum": 1, "maximum": 1_000_000}
        violations.append(Violation("page", "VALUE_OUT_OF_RANGE", "page must be at least 1.", allowed, 1))
    if not 1 <= size <= MAX_SIZE:
        allowed = {"minimum": 1, "maximum": MAX_SIZE}
        message = f"per_page must be 1 to {MAX_SIZE}."
        violations.append(Violation("per_page", "VALUE_OUT_OF_RANGE", message, allowed, _PER_PAGE))
    if status and status not in list(JobStatus):
        known = [str(each) for each in JobStatus]
        message = f"status_filter must be one of {', '.join(known)}."
        violations.append(Violation("status_filter", "INVALID_VALUE", message, known, known[0]))
    if violations:
        raise InvalidRequestError(violations[0].message, violations=violations)
