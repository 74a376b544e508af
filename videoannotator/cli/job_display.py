"""A job on the screen: its events while it runs, its table row, and what it came to."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from rich.markup import escape
from videoannotator_client.errors import error_of_envelope
from videoannotator_client.plain import enum_name, plain

from videoannotator.cli.display import Display, work_in_words
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.failure import Failure
from videoannotator.cli.terminal import Terminal
from videoannotator.v1.jobs_pb2 import JobEvent, LogLevel, StatusChange
from videoannotator.v1.types_pb2 import Job, JobStatus, PipelineRun, ProgressUnit, RunStatus

_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow", "cancelling": "yellow", "running": "cyan"}
_MAX_WARNINGS = 5


class JobDisplay:
    """Shows the events of one job and remembers its last known state."""

    def __init__(self, terminal: Terminal, display: Display) -> None:
        self._terminal = terminal
        self._display = display
        self.job = Job()

    def show(self, event: JobEvent) -> None:
        """Show one event."""
        if self._terminal.as_json:
            self._terminal.json(plain(event))
        match event.WhichOneof("event"):
            case "snapshot":
                self._show_job(event.snapshot)
            case "terminal":
                self._show_job(event.terminal.job)
            case "queue_position":
                self._display.headline(f"{self._title}: waiting, position {event.queue_position.position} in the queue")
            case "status" if event.status.status != JobStatus.JOB_STATUS_PENDING or event.status.reason:
                self._display.headline(f"{self._title}: {_status_in_words(event.status)}")
            case "progress":
                news = event.progress
                total = news.units_total if news.HasField("units_total") else None
                work = work_in_words(news.units_done, news.units_failed, total, progress_unit(news.unit))
                state = enum_name(RunStatus.DESCRIPTOR, news.status)
                self._display.progress(news.pipeline, state, news.progress, work)
            case "log":
                self._display.log(enum_name(LogLevel.DESCRIPTOR, event.log.level), event.log.message)

    def lost_connection(self) -> None:
        """Say that the connection is gone and another one is tried."""
        self._display.log("warning", "connection lost, trying again; the job goes on")

    @property
    def _title(self) -> str:
        return f"{self.job.video_filename} ({self.job.id})"

    def _show_job(self, job: Job) -> None:
        self.job = job
        status = enum_name(JobStatus.DESCRIPTOR, job.status)
        waiting = f"waiting, position {job.queue_position} in the queue" if job.HasField("queue_position") else status
        self._display.headline(f"{self._title}: {waiting}")
        for run in job.runs:
            state = enum_name(RunStatus.DESCRIPTOR, run.status)
            self._display.progress(run.pipeline, state, run.progress, work_of(run))


def exit_code_of_job(job: Job) -> ExitCode:
    """Return what an ended job means to the caller of the command."""
    if job.status == JobStatus.JOB_STATUS_CANCELLED:
        return ExitCode.CANCELLED
    if job.status == JobStatus.JOB_STATUS_COMPLETED and not job.HasField("error"):
        return ExitCode.OK
    return ExitCode.FAILED


def status_cell(job: Job) -> str:
    """Return the status in its colour, with the queue position."""
    status = enum_name(JobStatus.DESCRIPTOR, job.status)
    style = _STYLES.get(status, "default")
    if job.HasField("queue_position"):
        return f"[{style}]{status}[/] (position {job.queue_position})"
    if job.status == JobStatus.JOB_STATUS_RUNNING:
        return f"[{style}]{status}[/] {job.progress:.0%}"
    partly = " (partly)" if job.status == JobStatus.JOB_STATUS_COMPLETED and job.HasField("error") else ""
    return f"[{style}]{status}[/]{partly}"


def local_time(moment: Timestamp) -> str:
    """Return a time as the user's clock shows it."""
    return f"{moment.ToDatetime(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M:%S}" if moment.seconds else "-"


def work_of(run: PipelineRun) -> str:
    """Return how much of its work a run has done, in words."""
    total = run.units_total if run.HasField("units_total") else None
    return work_in_words(run.units_done, run.units_failed, total, progress_unit(run.unit))


def progress_unit(unit: ProgressUnit.ValueType) -> str:
    """Return what progress counts: ``frames`` or ``seconds``."""
    return enum_name(ProgressUnit.DESCRIPTOR, unit)


def print_jobs(terminal: Terminal, jobs: list[Job]) -> None:
    """Print a table of jobs."""
    terminal.table(
        ["JOB", "STATUS", "VIDEO", "PIPELINES", "CREATED", "TOOK"],
        [
            [job.id, status_cell(job), escape(job.video_filename), ", ".join(job.pipelines), local_time(job.created_at),
             _duration(job)]
            for job in jobs
        ],
    )  # fmt: skip


def print_job(terminal: Terminal, job: Job) -> None:
    """Print everything a person wants to know about a job."""
    facts = {
        "job": job.id,
        "status": status_cell(job),
        "video": f"{escape(job.video_filename)} ({job.video_id})",
        "created": local_time(job.created_at),
        "attempt": f"{job.attempt} of {job.max_attempts}",
    }
    if job.HasField("next_attempt_at"):
        facts["next attempt"] = local_time(job.next_attempt_at)
    if job.labels:
        facts["labels"] = escape(", ".join(f"{key}={value}" for key, value in sorted(job.labels.items())))
    if job.HasField("cancel_reason"):
        facts["cancelled"] = escape(job.cancel_reason or "without a reason")
    for name, value in facts.items():
        terminal.out.print(f"[dim]{name:<13}[/]{value}", highlight=False)
    print_outcome(terminal, job)


def print_outcome(terminal: Terminal, job: Job) -> None:
    """Print the runs of a job, their warnings and errors."""
    rows = [
        [
            escape(run.pipeline),
            _run_cell(run),
            work_of(run),
            str(run.annotation_count),
            f"{run.elapsed.ToTimedelta().total_seconds():.1f} s" if run.HasField("elapsed") else "-",
        ]
        for run in job.runs
    ]
    terminal.table(["PIPELINE", "STATUS", "DONE", "ANNOTATIONS", "TOOK"], rows)
    for warning in job.warnings:
        terminal.warn(warning)
    for run in job.runs:
        for warning in run.warnings[:_MAX_WARNINGS]:
            terminal.warn(f"{run.pipeline}: {warning}")
        if len(run.warnings) > _MAX_WARNINGS:
            terminal.warn(f"{run.pipeline}: {len(run.warnings) - _MAX_WARNINGS} more warnings, see --json")
        if run.HasField("error"):
            terminal.fail(_of_pipeline(run))
    if job.HasField("error") and job.status != JobStatus.JOB_STATUS_CANCELLED:
        terminal.fail(Failure.of(error_of_envelope(job.error)))


def _of_pipeline(run: PipelineRun) -> Failure:
    failure = Failure.of(error_of_envelope(run.error))
    return Failure(
        failure.code, f"{run.pipeline}: {failure.message}", failure.status, failure.hint, failure.field,
        failure.violations,
    )  # fmt: skip


def _run_cell(run: PipelineRun) -> str:
    status = enum_name(RunStatus.DESCRIPTOR, run.status)
    return f"[{_STYLES.get(status, 'default')}]{status}[/]"


def _status_in_words(change: StatusChange) -> str:
    words = enum_name(JobStatus.DESCRIPTOR, change.status)
    if change.status == JobStatus.JOB_STATUS_PENDING:
        words = "waiting"
    if change.attempt > 1:
        words += f", attempt {change.attempt}"
    if change.HasField("next_attempt_at"):
        words += f", next attempt at {local_time(change.next_attempt_at)}"
    return f"{words}: {change.reason}" if change.reason else words


def _duration(job: Job) -> str:
    if not job.HasField("started_at"):
        return "-"
    ends = [each for each in ("completed_at", "cancelled_at") if job.HasField(each)]
    if ends:
        end = getattr(job, ends[0]).ToDatetime(tzinfo=UTC)
    elif job.status == JobStatus.JOB_STATUS_RUNNING:
        end = datetime.now(UTC)
    else:
        return "-"
    return f"{max((end - job.started_at.ToDatetime(tzinfo=UTC)).total_seconds(), 0):.1f} s"
