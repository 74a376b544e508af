"""What becomes of attempts that end without a word: their job is queued again, unless that happened too often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, select

from videoannotator.errors import WorkerCrashedError
from videoannotator.outcome import ErrorRecord
from videoannotator.service.database.tables import JobRow, RunRow
from videoannotator.service.jobs.repository import end_runs, reset_runs
from videoannotator.service.jobs.retry import MAX_LOST_ATTEMPTS
from videoannotator.service.jobs.states import JobStatus, RunStatus, Trigger
from videoannotator.service.jobs.unit_of_work import Transaction


def lose(transaction: Transaction, job: JobRow, reason: str) -> None:
    """Record that infrastructure lost the attempt of a running job."""
    job.losses += 1
    if job.losses < MAX_LOST_ATTEMPTS:
        reset_runs(transaction.session, job)
        transaction.move(job, Trigger.REQUEUE, reason)
        return
    error = WorkerCrashedError(
        f"the job was lost {job.losses} times; the last time: {reason}", {"losses": job.losses, "job_id": job.id}
    )
    job.error = stamped(ErrorRecord.of(error), transaction.now)
    fail_open_runs(transaction.session, job)
    transaction.move(job, Trigger.FAIL, reason)


def settle_orphans(transaction: Transaction, orphans: Iterable[JobRow], reason: str) -> None:
    """End the attempts of jobs that nobody runs: one that was being cancelled is stopped, any other is lost."""
    for job in orphans:
        if job.status == JobStatus.CANCELLING:
            end_runs(transaction.session, job)
            transaction.move(job, Trigger.STOPPED, job.cancel_reason or "")
        else:
            lose(transaction, job, reason)


def fail_open_runs(session: Session, job: JobRow) -> None:
    """Give the job's error to those of its runs that have not ended."""
    for run in session.exec(select(RunRow).where(RunRow.job_id == job.id)):
        if run.status in (RunStatus.PENDING, RunStatus.RUNNING):
            run.status = RunStatus.FAILED
            run.error = job.error


def stamped(error: ErrorRecord, now: float) -> dict[str, Any]:
    """Return an error as it is stored."""
    return {**error.model_dump(), "time": now}
