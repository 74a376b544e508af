"""Listing and steering jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli import options
from videoannotator.cli.configuration import pairs
from videoannotator.cli.session import Session, client_command

if TYPE_CHECKING:
    from videoannotator.v1.types_pb2 import Job

app = typer.Typer(name="jobs", help="List and steer jobs.", no_args_is_help=True)


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
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_display import print_jobs

    jobs = session.client.jobs(status=status, video_id=video_id, labels=pairs(labels or [], "--label"), limit=limit)
    if session.terminal.as_json:
        for job in jobs:
            session.terminal.json(plain(job))
        return
    print_jobs(session.terminal, jobs)
    if jobs.total == 0:
        session.terminal.note("no jobs")
    if jobs.total > len(jobs):
        session.terminal.note(f"{len(jobs)} of {jobs.total} jobs; --limit shows more")


@client_command(app, "show")
def show(session: Session, job: options.JobId) -> None:
    """Show one job: status, progress, pipelines, warnings, errors."""
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_display import print_job

    found = session.client.job(job)
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
    for job in jobs:
        _print_state(session, session.client.cancel(job, reason))


@client_command(app, "retry")
def retry(
    session: Session, jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of the jobs.")]
) -> None:
    """Queue failed, cancelled or partly failed jobs again."""
    for job in jobs:
        _print_state(session, session.client.retry(job))


@client_command(app, "delete")
def delete(
    session: Session,
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of the jobs.")],
    force: Annotated[bool, typer.Option("--force", help="Cancel jobs that have not ended, then delete them.")] = False,
    delete_video: Annotated[
        bool | None,
        typer.Option(
            "--delete-video/--keep-video",
            help="Whether a video goes, too, if no other job is left of it. Default: as the server is set.",
        ),
    ] = None,
) -> None:
    """Remove jobs and their results."""
    for job in jobs:
        session.client.delete(job, force=force, delete_video=delete_video)
        if session.terminal.as_json:
            session.terminal.json({"id": job, "deleted": True})
        else:
            session.terminal.line(f"job {job}: deleted")


def _print_state(session: Session, job: Job) -> None:
    from videoannotator_client.plain import plain

    from videoannotator.cli.job_display import status_cell

    if session.terminal.as_json:
        session.terminal.json(plain(job))
    else:
        session.terminal.out.print(f"job {job.id}: {status_cell(job)}", highlight=False)
