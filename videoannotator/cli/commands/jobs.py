"""Listing and steering jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli import options
from videoannotator.cli.configuration import pairs
from videoannotator.cli.session import Session, client_command
from videoannotator.errors import InvalidRequestError

if TYPE_CHECKING:
    from videoannotator.v1.types_pb2 import Job

app = typer.Typer(name="jobs", help="List and steer jobs.", no_args_is_help=True)

_PAGE = 100
_DELETE_TIMEOUT = 60.0
"""Seconds for a forced delete, which waits for the worker to be gone."""


@client_command(app, "list")
def list_jobs(
    session: Session,
    status: Annotated[
        str | None,
        typer.Option(help="pending, running, cancelling, completed, failed or cancelled.", metavar="STATUS"),
    ] = None,
    video_id: Annotated[str | None, typer.Option("--video-id", metavar="ID", help="Only jobs of this video.")] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="Only jobs with this label. Repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most jobs to show.")] = 20,
) -> None:
    """List your jobs, newest first."""
    from videoannotator_client.plain import enum_name, enum_number, plain

    from videoannotator.cli.job_view import print_jobs
    from videoannotator.v1.jobs_pb2 import ListJobsRequest
    from videoannotator.v1.types_pb2 import JobStatus

    number = enum_number(JobStatus.DESCRIPTOR, status) if status else 0
    if number is None:
        names = [enum_name(JobStatus.DESCRIPTOR, value) for value in JobStatus.values() if value]
        raise InvalidRequestError(
            f"{status!r} is no status", field="--status", hint=f"Choose one of: {', '.join(names)}."
        )
    request = ListJobsRequest(video_id=video_id or "", labels=pairs(labels or [], "--label"))
    request.status = JobStatus.ValueType(number)
    jobs: list[Job] = []
    while True:
        request.page_size = min(limit - len(jobs), _PAGE)
        page = session.connection.jobs.ListJobs(request)
        jobs += page.jobs
        request.page_token = page.next_page_token
        if len(jobs) >= limit or not request.page_token:
            break
    if session.terminal.as_json:
        for job in jobs:
            session.terminal.json(plain(job))
        return
    print_jobs(session.terminal, jobs)
    if page.total == 0:
        session.terminal.note("no jobs")
    if page.total > len(jobs):
        session.terminal.note(f"{len(jobs)} of {page.total} jobs; --limit shows more")


@client_command(app, "show")
def show(session: Session, job: options.JobId) -> None:
    """Show one job: status, progress, pipelines, warnings, errors."""
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_view import print_job
    from videoannotator.v1.jobs_pb2 import GetJobRequest

    found = session.connection.jobs.GetJob(GetJobRequest(job_id=job))
    if session.terminal.as_json:
        session.terminal.json(plain(found))
    else:
        print_job(session.terminal, found)


@client_command(app, "cancel")
def cancel(
    session: Session,
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of the jobs.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the job.")] = "",
) -> None:
    """Stop jobs and free what they use."""
    from videoannotator.v1.jobs_pb2 import CancelJobRequest

    for job in jobs:
        _say(session, session.connection.jobs.CancelJob(CancelJobRequest(job_id=job, reason=reason)))


@client_command(app, "retry")
def retry(
    session: Session, jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of the jobs.")]
) -> None:
    """Queue failed, cancelled or partly failed jobs again."""
    from videoannotator.v1.jobs_pb2 import RetryJobRequest

    for job in jobs:
        _say(session, session.connection.jobs.RetryJob(RetryJobRequest(job_id=job)))


@client_command(app, "delete")
def delete(
    session: Session,
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of the jobs.")],
    force: Annotated[bool, typer.Option("--force", help="Cancel jobs that have not ended, then delete them.")] = False,
) -> None:
    """Remove jobs and their results."""
    from videoannotator.v1.jobs_pb2 import DeleteJobRequest

    for job in jobs:
        session.connection.jobs.DeleteJob(DeleteJobRequest(job_id=job, force=force), timeout=_DELETE_TIMEOUT)
        if session.terminal.as_json:
            session.terminal.json({"id": job, "deleted": True})
        else:
            session.terminal.line(f"job {job}: deleted")


def _say(session: Session, job: Job) -> None:
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_view import status_cell

    if session.terminal.as_json:
        session.terminal.json(plain(job))
    else:
        session.terminal.out.print(f"job {job.id}: {status_cell(job)}", highlight=False)
