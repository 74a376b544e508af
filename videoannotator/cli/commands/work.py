"""Getting a video annotated by a server: submit, run, watch, results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from videoannotator_client.names import names_in

from videoannotator.cli import options
from videoannotator.cli.configuration import chosen_pipelines, load_configuration, pairs
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, client_command
from videoannotator.errors import InvalidRequestError, ServiceUnavailableError

if TYPE_CHECKING:
    from videoannotator.cli.display import Display
    from videoannotator.cli.job_display import JobDisplay
    from videoannotator.cli.submission import JobArguments

_CANCEL_PATIENCE = 30.0
"""Seconds to wait for a job to end after Ctrl-C."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    client_command(app, "submit")(submit)
    client_command(app, "run")(run)
    client_command(app, "watch")(watch)
    client_command(app, "results")(results)


def submit(
    session: Session,
    videos: Annotated[list[Path] | None, typer.Argument(metavar="VIDEO...", help="Videos to upload.")] = None,
    video_id: options.VideoId = None,
    pipelines: options.Pipelines = None,
    config: options.Config = None,
    settings: options.Settings = None,
    outputs: options.Outputs = None,
    labels: options.Labels = None,
    priority: options.Priority = 0,
    max_attempts: options.MaxAttempts = None,
    retention_days: options.RetentionDays = None,
) -> None:
    """Upload videos and queue a job for each; print the ids of the jobs.

    A broken upload goes on where it stopped when the same command is given again.
    """
    from videoannotator_client.plain import plain

    from videoannotator.cli.submission import require_valid, send

    if bool(videos) == bool(video_id):
        raise InvalidRequestError("Name either videos or --video-id", field="VIDEO", hint="See --help.")
    arguments = _job_arguments(pipelines, config, settings, outputs, labels, priority, max_attempts, retention_days)
    require_valid(session, arguments)
    sources = [str(video_id)] if video_id else videos or []
    for source in sources:
        id_ = source if isinstance(source, str) else send(session, source)
        job = session.client.submit(video_id=id_, **arguments)
        if session.terminal.as_json:
            session.terminal.json(plain(job))
        else:
            session.terminal.line(job.id)


def run(
    session: Session,
    video: Annotated[Path | None, typer.Argument(metavar="VIDEO", help="Video to upload.")] = None,
    video_id: options.VideoId = None,
    pipelines: options.Pipelines = None,
    config: options.Config = None,
    settings: options.Settings = None,
    outputs: options.Outputs = None,
    labels: options.Labels = None,
    priority: options.Priority = 0,
    max_attempts: options.MaxAttempts = None,
    retention_days: options.RetentionDays = None,
    directory: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Download the results there.")
    ] = None,
) -> ExitCode:
    """Upload a video, run a job and watch it to its end. Ctrl-C, or this terminal's end, cancels the job."""
    from videoannotator.cli.display import open_display
    from videoannotator.cli.job_display import JobDisplay
    from videoannotator.cli.submission import require_valid, send

    if bool(video) == bool(video_id):
        raise InvalidRequestError("Name either a video or --video-id", field="VIDEO", hint="See --help.")
    arguments = _job_arguments(pipelines, config, settings, outputs, labels, priority, max_attempts, retention_days)
    require_valid(session, arguments)
    source = send(session, video) if video else str(video_id)
    with open_display(session.terminal) as display:
        view = JobDisplay(session.terminal, display)
        _run_attached(session, source, arguments, view, display)
    return _conclude(session, view, directory)


def watch(
    session: Session,
    job: options.JobId,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Show everything that happened, not only what is new.")
    ] = False,
    directory: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Download the results there.")
    ] = None,
) -> ExitCode:
    """Watch a job to its end. Ctrl-C stops watching; the job goes on."""
    from videoannotator.cli.display import open_display
    from videoannotator.cli.job_display import JobDisplay

    after = 0 if from_start else None
    with open_display(session.terminal) as display:
        view = JobDisplay(session.terminal, display)
        for event in session.client.watch(job, after=after, on_lost=view.lost_connection):
            view.show(event)
    return _conclude(session, view, directory)


def results(session: Session, job: options.JobId, directory: options.Directory = Path()) -> None:
    """Download all results of a job. Files that are there already and right are left alone."""
    from videoannotator.cli.results import fetch_results

    fetch_results(session, job, directory)


def _job_arguments(
    pipelines: list[str] | None,
    config: Path | None,
    settings: list[str] | None,
    outputs: list[str] | None,
    labels: list[str] | None,
    priority: int,
    max_attempts: int | None,
    retention_days: int | None,
) -> JobArguments:
    from videoannotator.cli.submission import JobArguments

    configuration = load_configuration(config, settings or [])
    return JobArguments(
        pipelines=chosen_pipelines(pipelines or [], configuration),
        config=configuration,
        outputs=names_in(outputs or []),
        labels=pairs(labels or [], "--label"),
        priority=priority,
        max_attempts=max_attempts,
        retention_days=retention_days,
    )


def _run_attached(session: Session, source: str, arguments: JobArguments, view: JobDisplay, display: Display) -> None:
    """Run a job and show it to its end; Ctrl-C cancels it and shows its way to that end."""
    try:
        with session.client.run(video_id=source, on_lost=view.lost_connection, **arguments) as run:
            try:
                for event in run:
                    view.show(event)
            except KeyboardInterrupt:
                display.headline("cancelling ... (Ctrl-C again to leave at once)")
                run.cancel(timeout=_CANCEL_PATIENCE, on_event=view.show)
    except KeyboardInterrupt:
        if view.job.id:
            raise


def _conclude(session: Session, view: JobDisplay, directory: Path | None) -> ExitCode:
    """Print what the job came to, and fetch what it left."""
    from videoannotator_client import has_ended

    from videoannotator.cli.job_display import exit_code_of_job, print_outcome, status_cell
    from videoannotator.cli.results import fetch_results

    job, terminal = view.job, session.terminal
    if not job.id:
        terminal.note("cancelled before a job was made", style="yellow")
        return ExitCode.CANCELLED
    if not has_ended(job):
        raise ServiceUnavailableError(
            f"The job {job.id} has not ended yet.", hint=f"`videoannotator watch {job.id}` shows how it goes on."
        )
    if not terminal.as_json:
        terminal.out.print(f"job {job.id}: {status_cell(job)}", highlight=False)
        print_outcome(terminal, job)
    code = exit_code_of_job(job)
    if directory is not None and code is not ExitCode.CANCELLED:
        fetch_results(session, job.id, directory)
    return code
