"""What the supervisor writes about running attempts. Every write is fenced by the attempt's lease."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from videoannotator.errors import PartialFailureError
from videoannotator.outcome import ArtifactFile, ErrorRecord, Outcome, RunOutcome
from videoannotator.service.database.tables import ArtifactRow, JobRow, RunRow, VideoRow
from videoannotator.service.jobs.events import EventKind
from videoannotator.service.jobs.lost_attempts import fail_open_runs, lose, settle_orphans, stamped
from videoannotator.service.jobs.queue import queue_order, queue_positions
from videoannotator.service.jobs.repository import end_runs, reset_runs
from videoannotator.service.jobs.retry import RetryPolicy
from videoannotator.service.jobs.states import JobStatus, RunStatus, Trigger
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
    owner: str
    video_id: str
    video_filename: str
    video_sha256: str | None
    pipelines: tuple[str, ...]
    config: dict[str, Any]
    outputs: tuple[str, ...]
    needs_gpu: bool


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far one pipeline of an attempt is, in frames."""

    pipeline: str
    done: int
    failed: int
    total: int | None

    @property
    def fraction(self) -> float:
        """Part that is done, 0 to 1; an estimate that never says finished."""
        if not self.total:
            return 0.0
        return min((self.done + self.failed) / self.total, 0.99)


@dataclass(frozen=True, slots=True)
class Slots:
    """Most jobs that may run at once."""

    gpu: int
    cpu: int


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What all runs that ended well have come to."""

    annotations: int
    average_seconds: float


class AttemptRepository:
    """Claims jobs and records what becomes of their attempts."""

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
            return Claim(
                lease=Lease(job.id, job.attempt, job.lease_token),
                owner=job.owner,
                video_id=job.video_id,
                video_filename=job.video_filename,
                video_sha256=video.sha256 if video else None,
                pipelines=tuple(job.pipelines),
                config=dict(job.config),
                outputs=tuple(job.outputs),
                needs_gpu=job.needs_gpu,
            )

    def seconds_until_due(self) -> float | None:
        """Return the time until the next waiting retry is due, in seconds; None when none waits."""
        with self._unit_of_work.read() as session:
            now = self._unit_of_work.clock()
            query = select(func.min(JobRow.due_at)).where(JobRow.status == JobStatus.PENDING, col(JobRow.due_at) > now)
            due_at = session.exec(query).one()
            return None if due_at is None else max(0.0, due_at - now)

    def renew(self, lease: Lease) -> None:
        """Prolong the lease of an attempt that is alive, also while it is being cancelled."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.RUNNING, JobStatus.CANCELLING)
            job.lease_expires_at = transaction.now + self._lease_duration

    def record_progress(self, lease: Lease, progress: RunProgress) -> None:
        """Record how far a pipeline is; progress never falls."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.RUNNING)
            run = _run(transaction.session, job, progress.pipeline)
            if run.status not in (RunStatus.PENDING, RunStatus.RUNNING):
                return
            run.status = RunStatus.RUNNING
            run.frames_done, run.frames_failed, run.frames_total = progress.done, progress.failed, progress.total
            run.progress = max(run.progress, progress.fraction)
            _tell_progress(transaction, job, run)

    def record_run(self, lease: Lease, outcome: RunOutcome) -> None:
        """Record that a pipeline ended, before its results are committed."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.RUNNING)
            run = _run(transaction.session, job, outcome.pipeline)
            _fill(run, outcome)
            _tell_progress(transaction, job, run)

    def log(self, lease: Lease, level: str, message: str) -> None:
        """Add a line for the researcher."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.RUNNING, JobStatus.CANCELLING)
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
            job = _held(transaction, lease, JobStatus.RUNNING)
            for run_outcome in outcome.runs:
                _fill(_run(transaction.session, job, run_outcome.pipeline), run_outcome)
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
            job = _held(transaction, lease, JobStatus.RUNNING)
            for outcome in runs:
                _fill(_run(transaction.session, job, outcome.pipeline), outcome)
            job.error = stamped(error, transaction.now)
            job.failures += 1
            if retryable and job.failures < job.max_attempts:
                job.next_attempt_at = transaction.now + self._policy.delay(job.failures)
                job.due_at = job.next_attempt_at
                transaction.move(job, Trigger.POSTPONE, f"{error.code}: {error.message}")
            else:
                fail_open_runs(transaction.session, job)
                transaction.move(job, Trigger.FAIL, f"{error.code}: {error.message}")

    def lose(self, lease: Lease, reason: str) -> None:
        """Record that an attempt was lost to infrastructure; the job goes back to its old place in the queue."""
        with self._unit_of_work.write() as transaction:
            lose(transaction, _held(transaction, lease, JobStatus.RUNNING), reason)

    def requeue(self, lease: Lease, reason: str) -> None:
        """Requeue an attempt that the service stops on purpose; it counts for nothing."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.RUNNING)
            reset_runs(transaction.session, job)
            transaction.move(job, Trigger.REQUEUE, reason)

    def stopped(self, lease: Lease) -> None:
        """Record that the process of a cancelled attempt is gone."""
        with self._unit_of_work.write() as transaction:
            job = _held(transaction, lease, JobStatus.CANCELLING)
            end_runs(transaction.session, job)
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

        A claim can be committed without anybody hearing of it: the connection to the database broke at that moment.

        Args:
            alive: Job and number of every attempt that this server still looks after, whatever its lease says.

        """
        with self._unit_of_work.write() as transaction:
            expired = _active_jobs().where(col(JobRow.lease_expires_at) < transaction.now).with_for_update()
            orphans = [job for job in transaction.session.exec(expired) if (job.id, job.attempt) not in alive]
            settle_orphans(transaction, orphans, "nobody ran the job")
            return len(orphans)

    def publish_positions(self, watched: frozenset[str], known: dict[str, int]) -> None:
        """Tell watched jobs their place in the queue where it differs from ``known``, which is updated."""
        with self._unit_of_work.read() as session:
            positions = queue_positions(session)
        for job_id in known.keys() - (positions.keys() & watched):
            del known[job_id]
        moved = {job_id for job_id in watched & positions.keys() if known.get(job_id) != positions[job_id]}
        if not moved:
            return
        with self._unit_of_work.write() as transaction:
            positions = queue_positions(transaction.session)
            for job_id in moved & positions.keys():
                job = transaction.job(job_id)
                if job is not None:
                    transaction.tell(job, EventKind.QUEUE_POSITION, position=positions[job_id])
                    known[job_id] = positions[job_id]

    def counts(self) -> dict[JobStatus, int]:
        """Return the number of jobs in each status."""
        with self._unit_of_work.read() as session:
            rows = session.exec(select(JobRow.status, func.count()).group_by(col(JobRow.status)))
            return {JobStatus(status): count for status, count in rows}

    def work_done(self) -> WorkDone:
        """Return what the runs that ended well have come to."""
        done = select(func.sum(RunRow.annotation_count), func.avg(RunRow.seconds)).where(
            RunRow.status == RunStatus.COMPLETED
        )
        with self._unit_of_work.read() as session:
            annotations, seconds = session.exec(done).one()
        return WorkDone(int(annotations or 0), float(seconds or 0.0))

    def result_paths(self) -> set[str]:
        """Return the path of every committed artifact below the results directory."""
        with self._unit_of_work.read() as session:
            return set(session.exec(select(ArtifactRow.path)))


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


def _held(transaction: Transaction, lease: Lease, *statuses: JobStatus) -> JobRow:
    job = transaction.job(lease.job_id)
    if job is None or job.lease_token != lease.token or job.attempt != lease.attempt or job.status not in statuses:
        raise LeaseLostError(f"attempt {lease.attempt} of job {lease.job_id} does not hold the job any more")
    return job


def _run(session: Session, job: JobRow, pipeline: str) -> RunRow:
    return session.exec(select(RunRow).where(RunRow.job_id == job.id, RunRow.pipeline == pipeline)).one()


def _tell_progress(transaction: Transaction, job: JobRow, run: RunRow) -> None:
    transaction.session.flush()
    mean = transaction.session.exec(select(func.avg(RunRow.progress)).where(RunRow.job_id == job.id)).one()
    job.progress = max(job.progress, min(float(mean), 0.99))
    job.updated_at = transaction.now
    transaction.tell(
        job,
        EventKind.PROGRESS,
        pipeline=run.pipeline,
        status=run.status,
        progress=run.progress,
        unit=run.unit,
        frames_done=run.frames_done,
        frames_failed=run.frames_failed,
        frames_total=run.frames_total,
        job_progress=job.progress,
    )


def _fill(run: RunRow, outcome: RunOutcome) -> None:
    run.status = RunStatus(outcome.status)
    run.progress = 1.0
    run.frames_done, run.frames_failed = outcome.frames_done, outcome.frames_failed
    run.frames_total = outcome.frames_done + outcome.frames_failed
    run.annotation_count = outcome.annotation_count
    run.seconds = outcome.seconds
    run.models = [model.model_dump() for model in outcome.models]
    run.warnings = list(outcome.warnings)
    run.error = outcome.error.model_dump() if outcome.error else None


def _partial_failure(outcome: Outcome, now: float) -> dict[str, Any] | None:
    failed = [run.pipeline for run in outcome.runs if run.status == "failed"]
    if not failed:
        return None
    error = PartialFailureError(
        f"Completed with errors. Failed pipelines: {', '.join(failed)}", {"failed_pipelines": failed}
    )
    return stamped(ErrorRecord.of(error), now)


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
