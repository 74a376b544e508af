"""Attempts that end without a result or an error: their job is queued again, unless that happened too often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from videoannotator.errors import WorkerCrashedError
from videoannotator.outcome import ErrorRecord
from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.retry import MAX_LOST_ATTEMPTS
from videoannotator.service.jobs.runs import cancel_open_runs, fail_open_runs, reset_runs
from videoannotator.service.jobs.states import JobStatus, Trigger
from videoannotator.service.jobs.unit_of_work import Transaction


def record_loss(transaction: Transaction, job: JobRow, reason: str) -> None:
    """Record that infrastructure lost the attempt of a running job."""
    job.lost_attempts += 1
    if job.lost_attempts < MAX_LOST_ATTEMPTS:
        reset_runs(transaction.session, job)
        transaction.move(job, Trigger.REQUEUE, reason)
        return
    error = WorkerCrashedError(
        f"The job was lost {job.lost_attempts} times; the last time: {reason}",
        {"lost_attempts": job.lost_attempts, "job_id": job.id},
    )
    job.error = stored_error(ErrorRecord.of(error), transaction.now)
    fail_open_runs(transaction.session, job)
    transaction.move(job, Trigger.FAIL, reason)


def settle_orphans(transaction: Transaction, orphans: Iterable[JobRow], reason: str) -> None:
    """End the attempts of jobs that no process runs: one that was being cancelled is stopped, any other is lost."""
    for job in orphans:
        if job.status == JobStatus.CANCELLING:
            cancel_open_runs(transaction.session, job)
            transaction.move(job, Trigger.STOPPED, job.cancel_reason or "")
        else:
            record_loss(transaction, job, reason)


def stored_error(error: ErrorRecord, now: float) -> dict[str, Any]:
    """Return an error as it is stored."""
    return {**error.model_dump(), "time": now}
