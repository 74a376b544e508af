"""The runs of a job: one row for each pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlmodel import Session, select

from videoannotator.outcome import ProgressUnit, RunOutcome
from videoannotator.service.database.tables import JobRow, RunRow
from videoannotator.service.jobs.events import EventKind
from videoannotator.service.jobs.progress import RunProgress, job_fraction
from videoannotator.service.jobs.states import RunStatus
from videoannotator.service.jobs.unit_of_work import Transaction

_OPEN = (RunStatus.PENDING, RunStatus.RUNNING)


def new_runs(job: JobRow, units: Mapping[str, ProgressUnit]) -> tuple[RunRow, ...]:
    """Return the runs of a new job. ``units``: what the progress of each pipeline counts; frames unless given."""
    return tuple(
        RunRow(
            job_id=job.id,
            pipeline=pipeline,
            position=position,
            unit=units.get(pipeline, "frames"),
            models=[],  # given, because pydantic takes long to find out what to do when they are not
            warnings=[],
        )
        for position, pipeline in enumerate(job.pipelines)
    )


def reset_runs(session: Session, job: JobRow) -> None:
    """Put the runs of a job back to their beginning."""
    for run in _runs(session, job):
        run.status = RunStatus.PENDING
        run.progress = run.seconds = 0.0
        run.units_done = run.units_failed = run.annotation_count = 0
        run.units_total = run.error = None
        run.models, run.warnings = [], []


def cancel_open_runs(session: Session, job: JobRow) -> None:
    """Mark the runs of a cancelled job that had not ended."""
    for run in _open_runs(session, job):
        run.status = RunStatus.CANCELLED


def fail_open_runs(session: Session, job: JobRow) -> None:
    """Give the job's error to those of its runs that have not ended."""
    for run in _open_runs(session, job):
        run.status = RunStatus.FAILED
        run.error = job.error


def end_run(session: Session, job: JobRow, outcome: RunOutcome) -> RunRow:
    """Write into a run how it ended, and return it."""
    run = _run(session, job, outcome.pipeline)
    run.status = RunStatus(outcome.status)
    run.progress = 1.0
    run.units_done, run.units_failed = outcome.units_done, outcome.units_failed
    run.units_total = outcome.units_done + outcome.units_failed
    run.annotation_count = outcome.annotation_count
    run.seconds = outcome.seconds
    run.models = [model.model_dump() for model in outcome.models]
    run.warnings = list(outcome.warnings)
    run.error = outcome.error.model_dump() if outcome.error else None
    return run


def record_steps(session: Session, job: JobRow, steps: Sequence[RunProgress]) -> None:
    """Write down how far the runs of a job are that have not ended; no progress falls."""
    runs = {run.pipeline: run for run in _open_runs(session, job)}
    for step in steps:
        if (run := runs.get(step.pipeline)) is not None:
            run.status = RunStatus.RUNNING
            run.units_done, run.units_failed, run.units_total = step.done, step.failed, step.total
            run.progress = max(run.progress, step.fraction)
    _sum_up(session, job)


def tell_end(transaction: Transaction, job: JobRow, run: RunRow) -> None:
    """Add to the job's history that a run has ended, and bring the job's own progress up to date."""
    _sum_up(transaction.session, job)
    transaction.tell(
        job,
        EventKind.PROGRESS,
        pipeline=run.pipeline,
        status=run.status,
        progress=run.progress,
        unit=run.unit,
        units_done=run.units_done,
        units_failed=run.units_failed,
        units_total=run.units_total,
        job_progress=job.progress,
    )


def units_of(session: Session, job: JobRow) -> dict[str, ProgressUnit]:
    """Return what the progress of each pipeline of a job counts."""
    return {run.pipeline: cast("ProgressUnit", run.unit) for run in _runs(session, job)}


def _sum_up(session: Session, job: JobRow) -> None:
    session.flush()
    job.progress = max(job.progress, job_fraction(run.progress for run in _runs(session, job)))


def _run(session: Session, job: JobRow, pipeline: str) -> RunRow:
    return session.exec(select(RunRow).where(RunRow.job_id == job.id, RunRow.pipeline == pipeline)).one()


def _runs(session: Session, job: JobRow) -> Iterable[RunRow]:
    return session.exec(select(RunRow).where(RunRow.job_id == job.id))


def _open_runs(session: Session, job: JobRow) -> list[RunRow]:
    return [run for run in _runs(session, job) if run.status in _OPEN]
