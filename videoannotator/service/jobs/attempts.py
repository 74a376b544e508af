"""What the supervisor writes about running attempts. Every write is fenced by the attempt's lease."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel import col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from videoannotator.errors import PartialFailureError
from videoannotator.outcome import ArtifactFile, ErrorRecord, Outcome, ProgressUnit, RunOutcome
from videoannotator.service.database.tables import ArtifactRow, JobRow, VideoRow
from videoannotator.service.jobs.events import EventKind, Moment
from videoannotator.service.jobs.lost_attempts import record_loss, settle_orphans, stored_error
from videoannotator.service.jobs.progress import RunProgress
from videoannotator.service.jobs.queue import queue_order
from videoannotator.service.jobs.retry import RetryPolicy
from videoannotator.service.jobs.runs import (
    cancel_open_runs,
    end_run,
    fail_open_runs,
    record_steps,
    reset_runs,
    tell_end,
    units_of,
)
from videoannotator.service.jobs.states import JobStatus, Trigger
from videoannotator.service.jobs.unit_of_work import Transaction, UnitOfWork


class LeaseLostError(Exception):
    """The attempt is not the one that the job is in any more: it was cancelled, requeued or finished."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one attempt to write about its job."""

    job_id: str
    attempt: int
    token: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A job to run, and the lease to do so."""

    lease: Lease
    job: JobRow
    """As it was when it was claimed."""
    video_sha256: str | None
    units: Mapping[str, ProgressUnit]
    """What the progress of each pipeline counts."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Most jobs that may run at once."""

    gpu: int
    cpu: int


class AttemptRepository:
    """Claims jobs and records how their attempts go on and end."""

    def __init__(self, unit_of_work: UnitOfWork, policy: RetryPolicy, lease_duration: float) -> None:
        self._unit_of_work = unit_of_work
        self._policy = policy
        self._lease_duration = lease_duration

    def claim(self, slots: Slots) -> Claim | None:
        """Give the next job that is due and finds a place to a new attempt; None when there is none."""
        with self._unit_of_work.write() as transaction:
            job = _next_job(transaction, slots)
            if job is None:
                return None
            video = transaction.session.get(VideoRow, job.video_id)
            job.attempt += 1
            job.lease_token = secrets.token_hex(16)
            job.lease_expires_at = transaction.now + self._lease_duration
            job.started_at = transaction.now
            job.next_attempt_at = None
            job.progress = 0.0
            reset_runs(transaction.session, job)
            transaction.move(job, Trigger.CLAIM)
            lease = Lease(job.id, job.attempt, job.lease_token)
            units = units_of(transaction.session, job)
            return Claim(lease, job, video.sha256 if video else None, units)

    def renew(self, lease: Lease, steps: Sequence[RunProgress] = ()) -> None:
        """Prolong the lease of an attempt that is alive, also while it is being cancelled; record how far it is."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING, JobStatus.CANCELLING)
            job.lease_expires_at = transaction.now + self._lease_duration
            if steps and job.status == JobStatus.RUNNING:
                record_steps(transaction.session, job, steps)
                transaction.touch(job)

    def show(self, moment: Moment) -> None:
        """Show watchers how far an attempt is; nothing is written."""
        self._unit_of_work.hub.show([moment])

    def record_run(self, lease: Lease, outcome: RunOutcome) -> None:
        """Record that a pipeline ended, before its results are committed."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING)
            tell_end(transaction, job, end_run(transaction.session, job, outcome))

    def log(self, lease: Lease, level: str, message: str) -> None:
        """Add a line for the researcher."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING, JobStatus.CANCELLING)
            transaction.tell(job, EventKind.LOG, level=level, message=message[:1000])

    def commit(self, lease: Lease, outcome: Outcome, names: Sequence[str], paths: Sequence[str]) -> list[str]:
        """Make the results of an attempt the job's results: runs, artifacts and status in one transaction.

        Args:
            lease: Must still be held.
            outcome: What the attempt came to; at least one run succeeded.
            names: The name for people of each artifact.
            paths: The path of each artifact below the results directory.

        Returns:
            Paths of the artifacts of an earlier attempt that these replace.

        Raises:
            LeaseLostError: The attempt may not commit any more; nothing was written.
        """
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING)
            for run_outcome in outcome.runs:
                end_run(transaction.session, job, run_outcome)
            replaced = list(transaction.session.exec(select(ArtifactRow.path).where(ArtifactRow.job_id == job.id)))
            transaction.session.exec(delete(ArtifactRow).where(col(ArtifactRow.job_id) == job.id))
            for artifact, name, path in zip(outcome.artifacts, names, paths, strict=True):
                transaction.session.add(_artifact_row(lease, artifact, name, path, transaction.now))
            job.progress = 1.0
            job.error = _partial_failure(outcome, transaction.now)
            transaction.move(job, Trigger.SUCCEED)
            return replaced

    def fail(self, lease: Lease, error: ErrorRecord, *, retryable: bool, runs: Sequence[RunOutcome] = ()) -> None:
        """Record that an attempt failed; queue the job again if the error may pass and attempts are left."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING)
            for outcome in runs:
                end_run(transaction.session, job, outcome)
            job.error = stored_error(error, transaction.now)
            job.failures += 1
            if retryable and job.failures < job.max_attempts:
                job.next_attempt_at = transaction.now + self._policy.delay(job.failures)
                job.due_at = job.next_attempt_at
                transaction.move(job, Trigger.POSTPONE, f"{error.code}: {error.message}")
            else:
                fail_open_runs(transaction.session, job)
                transaction.move(job, Trigger.FAIL, f"{error.code}: {error.message}")

    def record_loss(self, lease: Lease, reason: str) -> None:
        """Record that an attempt was lost to infrastructure; the job goes back to its old place in the queue."""
        with self._unit_of_work.write() as transaction:
            record_loss(transaction, _leased_job(transaction, lease, JobStatus.RUNNING), reason)

    def requeue(self, lease: Lease, reason: str) -> None:
        """Requeue an attempt that the service stops on purpose; it counts for nothing."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.RUNNING)
            reset_runs(transaction.session, job)
            transaction.move(job, Trigger.REQUEUE, reason)

    def stopped(self, lease: Lease) -> None:
        """Record that the process of a cancelled attempt is gone."""
        with self._unit_of_work.write() as transaction:
            job = _leased_job(transaction, lease, JobStatus.CANCELLING)
            cancel_open_runs(transaction.session, job)
            transaction.move(job, Trigger.STOPPED, job.cancel_reason or "")

    def has_attempts_left(self, lease: Lease) -> bool:
        """Return whether a passing failure of this attempt would be followed by another attempt."""
        with self._unit_of_work.read() as session:
            job = session.get(JobRow, lease.job_id)
            return job is not None and job.failures + 1 < job.max_attempts

    def status(self, lease: Lease) -> JobStatus | None:
        """Return the job's status; None when the attempt is not the job's present one."""
        with self._unit_of_work.read() as session:
            job = session.get(JobRow, lease.job_id)
            held = job is not None and job.lease_token == lease.token
            return JobStatus(job.status) if job is not None and held else None

    def rescue(self) -> int:
        """Settle every attempt that a dead server left behind; return how many there were.

        Call it at start, when no worker of this storage can be alive.
        """
        with self._unit_of_work.write() as transaction:
            orphans = list(transaction.session.exec(_active_jobs()))
            settle_orphans(transaction, orphans, "the service stopped while the job ran")
            return len(orphans)

    def reclaim(self, alive: Collection[tuple[str, int]]) -> int:
        """Settle the attempts whose lease has run out and that are not ``alive``; return how many there were.

        A claim can be committed without an answer: the connection to the database broke at that moment.

        Args:
            alive: Job and number of every attempt that this server still looks after, whatever its lease says.
        """
        with self._unit_of_work.write() as transaction:
            expired = _active_jobs().where(col(JobRow.lease_expires_at) < transaction.now).with_for_update()
            orphans = [job for job in transaction.session.exec(expired) if (job.id, job.attempt) not in alive]
            settle_orphans(transaction, orphans, "no server ran the job")
            return len(orphans)


def _active_jobs() -> SelectOfScalar[JobRow]:
    return select(JobRow).where(col(JobRow.status).in_([JobStatus.RUNNING, JobStatus.CANCELLING]))


def _next_job(transaction: Transaction, slots: Slots) -> JobRow | None:
    active = select(JobRow.needs_gpu, func.count()).where(
        col(JobRow.status).in_([JobStatus.RUNNING, JobStatus.CANCELLING])
    )
    busy = dict(transaction.session.exec(active.group_by(col(JobRow.needs_gpu))).all())
    fitting = [gpu for gpu, limit in ((True, slots.gpu), (False, slots.cpu)) if busy.get(gpu, 0) < limit]
    query = (
        select(JobRow)
        .where(
            JobRow.status == JobStatus.PENDING,
            col(JobRow.due_at) <= transaction.now,
            col(JobRow.needs_gpu).in_(fitting),
        )
        .order_by(*queue_order())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return transaction.session.exec(query).first()


def _leased_job(transaction: Transaction, lease: Lease, *statuses: JobStatus) -> JobRow:
    job = transaction.job(lease.job_id)
    if job is None or job.lease_token != lease.token or job.attempt != lease.attempt or job.status not in statuses:
        raise LeaseLostError(f"Attempt {lease.attempt} of job {lease.job_id} does not hold the job any more.")
    return job


def _partial_failure(outcome: Outcome, now: float) -> dict[str, Any] | None:
    failed = [run.pipeline for run in outcome.runs if run.status == "failed"]
    if not failed:
        return None
    error = PartialFailureError(
        f"Completed with errors. Failed pipelines: {', '.join(failed)}", {"failed_pipelines": failed}
    )
    return stored_error(ErrorRecord.of(error), now)


def _artifact_row(lease: Lease, artifact: ArtifactFile, name: str, path: str, now: float) -> ArtifactRow:
    return ArtifactRow(
        id=uuid4().hex,
        job_id=lease.job_id,
        attempt=lease.attempt,
        pipeline=artifact.pipeline,
        name=name,
        path=path,
        format=artifact.format,
        media_type=artifact.media_type,
        size_bytes=artifact.size_bytes,
        sha256=artifact.sha256,
        provenance=artifact.provenance,
        created_at=now,
    )
