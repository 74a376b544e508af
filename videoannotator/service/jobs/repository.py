"""What owners do with jobs. Every query is filtered by owner here, so that no caller can forget it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, bindparam, func, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from videoannotator.errors import (
    ArtifactNotFoundError,
    JobAlreadyCompletedError,
    JobNotFinishedError,
    JobNotFoundError,
    JobNotRetryableError,
    MissingStreamError,
    QuotaExceededError,
    RequestConflictError,
    VideoNotFoundError,
    VideoNotReadyError,
)
from videoannotator.media.info import MediaInfo
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import ArtifactRow, JobRow, RunRow, VideoRow
from videoannotator.service.jobs.events import Event, EventKind, events_after
from videoannotator.service.jobs.queue import queue_position
from videoannotator.service.jobs.states import TERMINAL, JobStatus, RunStatus, Trigger
from videoannotator.service.jobs.unit_of_work import Transaction, UnitOfWork
from videoannotator.service.jobs.views import JobView, RecentViews, revalidate, view, views

_OPEN_JOBS: Any = select(func.count()).where(JobRow.owner == bindparam("owner"), col(JobRow.status).not_in([*TERMINAL]))


@dataclass(frozen=True, slots=True)
class NewJob:
    """A validated request for a job."""

    video_id: str
    pipelines: tuple[str, ...]
    config: Mapping[str, Any]
    outputs: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    priority: int = 0
    max_attempts: int = 3
    needs_gpu: bool = False
    need_picture: tuple[str, ...] = ()
    listen: tuple[str, ...] = ()
    """Those of ``pipelines`` whose progress counts seconds of sound."""
    """The pipelines that cannot do with sound alone."""
    request_id: str | None = None

    @property
    def digest(self) -> str:
        """Tells this request from every other; the request_id is not part of it."""
        content = {**asdict(self), "request_id": None}
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list."""

    status: JobStatus | None = None
    video_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of a list of jobs."""

    jobs: tuple[JobView, ...]
    total: int
    last_key: tuple[float, str] | None
    """Where the next page starts; None on the last."""


class JobRepository:
    """Reads and changes jobs on behalf of a principal."""

    def __init__(self, unit_of_work: UnitOfWork, max_owner_jobs: int) -> None:
        self._unit_of_work = unit_of_work
        self._recent = RecentViews()
        self._max_owner_jobs = max_owner_jobs

    def submit(self, principal: Principal, new: NewJob, *, store: bool = True) -> JobView:
        """Queue a job, or return the one that the same request made before.

        Args:
            principal: The submitter; the job belongs to its owner.
            new: The validated request.
            store: False answers what would be queued, with an empty id, and stores nothing.

        Raises:
            VideoNotFoundError: No such video.
            VideoNotReadyError: Its upload is not finished.
            MissingStreamError: A pipeline needs a picture that the file does not have.
            RequestConflictError: The request_id was used for another request.
            QuotaExceededError: The owner has too many jobs that have not ended.

        """
        try:
            return self._submit(principal, new, store=store)
        except IntegrityError:
            # PostgreSQL let two calls with one request_id pass at the same moment; the other's job is there now.
            return self._submit(principal, new, store=store)

    def _submit(self, principal: Principal, new: NewJob, *, store: bool) -> JobView:
        with self._unit_of_work.write() if store else self._rehearsal() as transaction:
            if known := self._repeated(transaction.session, principal, new):
                return view(transaction.session, known)
            video = _ready_video(transaction.session, principal, new.video_id, lock=store)
            _check_picture(new, video)
            self._check_quota(transaction.session, principal)
            job, runs = _rows(principal, new, video, transaction.now)
            if not store:
                job.id = ""
                return JobView(job, tuple(runs))
            transaction.session.add(job)
            transaction.session.flush()
            transaction.session.add_all(runs)
            transaction.tell(job, EventKind.STATUS, status=job.status, attempt=0, reason="", next_attempt_at=None)
            transaction.session.flush()
            return JobView(job, tuple(runs), queue_position=queue_position(transaction.session, job))

    def get(self, principal: Principal, job_id: str) -> JobView:
        """Return one job."""
        version = self._unit_of_work.version
        last = self._recent.last(job_id)
        with self._unit_of_work.read() as session:
            found = revalidate(session, last) if last is not None and _may_see(principal, last.job) else None
            found = found or view(session, _visible_job(session, principal, job_id))
        self._recent.keep(found, version)
        return found

    @property
    def version(self) -> object:
        """Another object after every transaction that changes jobs."""
        return self._unit_of_work.version

    def known(self, principal: Principal, job_id: str) -> JobView | None:
        """Return one job if nothing was written since it was last read; never asks the database."""
        found = self._recent.get(job_id, self._unit_of_work.version)
        return found if found is not None and _may_see(principal, found.job) else None

    def list(
        self,
        principal: Principal,
        filters: JobFilter,
        limit: int,
        after: tuple[float, str] | None = None,
        offset: int = 0,
    ) -> JobPage:
        """Return up to ``limit`` jobs after the key ``after``, or after ``offset`` others."""
        query = select(JobRow)
        if not principal.is_admin:
            query = query.where(JobRow.owner == principal.owner)
        if filters.status is not None:
            query = query.where(JobRow.status == filters.status)
        if filters.video_id is not None:
            query = query.where(JobRow.video_id == filters.video_id)
        for name, value in filters.labels.items():
            query = query.where(self._has_label(name, value))
        columns = (col(JobRow.created_at), col(JobRow.id))
        page = query.order_by(*(column.asc() if filters.oldest_first else column.desc() for column in columns))
        if after is not None:
            page = page.where(tuple_(*columns) > after if filters.oldest_first else tuple_(*columns) < after)
        with self._unit_of_work.read() as session:
            total = session.exec(select(func.count()).select_from(query.subquery())).one()
            rows = list(session.exec(page.offset(offset).limit(limit + 1)))
            shown = rows[:limit]
            more = len(rows) > limit
            return JobPage(
                jobs=tuple(views(session, shown)),
                total=total,
                last_key=(shown[-1].created_at, shown[-1].id) if more else None,
            )

    def cancel(self, principal: Principal, job_id: str, reason: str = "") -> JobView:
        """Ask for a job to be stopped; asking again changes nothing.

        Raises:
            JobAlreadyCompletedError: The job has completed or failed.

        """
        with self._unit_of_work.write() as transaction:
            job = _visible_job(transaction.session, principal, job_id, lock=True)
            status = JobStatus(job.status)
            if status in (JobStatus.COMPLETED, JobStatus.FAILED):
                raise JobAlreadyCompletedError(
                    f"job {job_id} is {status} already", {"job_id": job_id, "status": status}
                )
            if status not in (JobStatus.CANCELLING, JobStatus.CANCELLED):
                job.cancel_reason = reason or None
                job.next_attempt_at = None
                if status is JobStatus.PENDING:
                    end_runs(transaction.session, job)
                transaction.move(job, Trigger.CANCEL, reason)
            transaction.session.flush()
            return view(transaction.session, job)

    def retry(self, principal: Principal, job_id: str) -> JobView:
        """Queue a job that failed, in part or whole, or was cancelled, again. Its results stay until replaced.

        Raises:
            JobNotRetryableError: The job succeeded or has not ended.
            VideoNotFoundError: Its video was deleted.
            QuotaExceededError: The owner has too many jobs that have not ended.

        """
        with self._unit_of_work.write() as transaction:
            job = _visible_job(transaction.session, principal, job_id, lock=True)
            status = JobStatus(job.status)
            if status not in TERMINAL or (status is JobStatus.COMPLETED and job.error is None):
                raise JobNotRetryableError(f"job {job_id} is {status}", {"job_id": job_id, "status": status})
            _ready_video(transaction.session, principal, job.video_id, lock=True)
            self._check_quota(transaction.session, principal)
            job.queued_at = job.due_at = transaction.now
            job.started_at = job.completed_at = job.cancelled_at = job.next_attempt_at = None
            job.failures = job.losses = 0
            job.progress = 0.0
            job.error = job.cancel_reason = None
            reset_runs(transaction.session, job)
            transaction.move(job, Trigger.RETRY)
            transaction.session.flush()
            return view(transaction.session, job)

    def delete(self, principal: Principal, job_id: str) -> None:
        """Forget a job that has ended, with its events and artifacts; its files are the caller's to remove.

        Raises:
            JobNotFinishedError: The job has not ended.

        """
        with self._unit_of_work.write() as transaction:
            job = _visible_job(transaction.session, principal, job_id, lock=True)
            if JobStatus(job.status) not in TERMINAL:
                raise JobNotFinishedError(f"job {job_id} is {job.status}", {"job_id": job_id, "status": job.status})
            transaction.session.delete(job)

    def artifact(self, principal: Principal, artifact_id: str) -> ArtifactRow:
        """Return one artifact of a job that the principal may see."""
        with self._unit_of_work.read() as session:
            artifact = session.get(ArtifactRow, artifact_id)
            job = session.get(JobRow, artifact.job_id) if artifact else None
            if artifact is None or job is None or not _may_see(principal, job):
                raise ArtifactNotFoundError(f"there is no artifact {artifact_id}", {"artifact_id": artifact_id})
            return artifact

    def events(self, job_id: str, after: int) -> Sequence[Event]:
        """Return stored events of a job whose visibility the caller has checked."""
        with self._unit_of_work.read() as session:
            return events_after(session, job_id, after)

    def _has_label(self, name: str, value: str) -> ColumnElement[bool]:
        # Not as a JSON path: SQLite's cannot quote every name.
        embedded = self._unit_of_work.database.engine.dialect.name == "sqlite"
        each = (func.json_each if embedded else func.json_each_text)(col(JobRow.labels))
        label = each.table_valued("key", "value")
        return select(label.c.key).where(label.c.key == name, label.c.value == value).exists()

    def _rehearsal(self) -> Any:
        return _Rehearsal(self._unit_of_work)

    def _repeated(self, session: Session, principal: Principal, new: NewJob) -> JobRow | None:
        if new.request_id is None:
            return None
        query = select(JobRow).where(JobRow.owner == principal.owner, JobRow.request_id == new.request_id)
        known = session.exec(query).first()
        if known is not None and known.request_digest != new.digest:
            raise RequestConflictError(
                f"request_id {new.request_id!r} was used for another job", {"job_id": known.id}, field="request_id"
            )
        return known

    def _check_quota(self, session: Session, principal: Principal) -> None:
        if session.exec(_OPEN_JOBS, params={"owner": principal.owner}).one() >= self._max_owner_jobs:
            raise QuotaExceededError(
                f"{principal.owner} has {self._max_owner_jobs} jobs that have not ended, which is the most allowed",
                {"limit": self._max_owner_jobs},
            )


class _Rehearsal:
    """Stands in for a transaction when nothing is to be stored."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._read = unit_of_work.read()
        self._now = unit_of_work.clock()

    def __enter__(self) -> Transaction:
        return Transaction(self._read.__enter__(), self._now)

    def __exit__(self, *error: Any) -> bool | None:
        return self._read.__exit__(*error)


def reset_runs(session: Session, job: JobRow) -> None:
    """Put the runs of a job back to their beginning."""
    for run in session.exec(select(RunRow).where(RunRow.job_id == job.id)):
        run.status = RunStatus.PENDING
        run.progress = run.seconds = 0.0
        run.frames_done = run.frames_failed = run.annotation_count = 0
        run.frames_total = run.error = None
        run.models, run.warnings = [], []


def end_runs(session: Session, job: JobRow) -> None:
    """Mark the runs of a cancelled job that had not ended."""
    for run in session.exec(select(RunRow).where(RunRow.job_id == job.id)):
        if run.status in (RunStatus.PENDING, RunStatus.RUNNING):
            run.status = RunStatus.CANCELLED


def _visible_job(session: Session, principal: Principal, job_id: str, *, lock: bool = False) -> JobRow:
    job = session.get(JobRow, job_id, with_for_update=lock or None)
    if job is None or not _may_see(principal, job):
        raise JobNotFoundError(f"there is no job {job_id}", {"job_id": job_id})
    return job


def _may_see(principal: Principal, job: JobRow) -> bool:
    return principal.is_admin or job.owner == principal.owner


def _ready_video(session: Session, principal: Principal, video_id: str, *, lock: bool) -> VideoRow:
    # Whoever deletes the video waits for this transaction, and then finds the job that needs it.
    video = session.get(VideoRow, video_id, with_for_update={"read": True} if lock else None)
    if video is None or not (principal.is_admin or video.owner == principal.owner):
        raise VideoNotFoundError(f"there is no video {video_id}", {"video_id": video_id}, field="video_id")
    if video.state != "ready":
        raise VideoNotReadyError(
            f"{video.committed_bytes} of {video.size_bytes} bytes of video {video_id} have arrived",
            {"video_id": video_id, "committed_bytes": video.committed_bytes},
            field="video_id",
        )
    return video


def _check_picture(new: NewJob, video: VideoRow) -> None:
    if new.need_picture and not MediaInfo.model_validate(video.media).has_video:
        raise MissingStreamError(
            f"the file has no picture, which {', '.join(new.need_picture)} cannot do without",
            {"pipelines": list(new.need_picture)},
            field="pipelines",
        )


def _rows(principal: Principal, new: NewJob, video: VideoRow, now: float) -> tuple[JobRow, list[RunRow]]:
    job = JobRow(
        id=uuid4().hex,
        owner=principal.owner,
        video_id=video.id,
        video_filename=video.filename,
        video_size_bytes=video.size_bytes,
        video_duration=(video.media or {}).get("duration", 0.0),
        pipelines=list(new.pipelines),
        config=dict(new.config),
        outputs=list(new.outputs),
        labels=dict(new.labels),
        warnings=list(new.warnings),
        priority=new.priority,
        needs_gpu=new.needs_gpu,
        max_attempts=new.max_attempts,
        request_id=new.request_id,
        request_digest=new.digest,
        status=JobStatus.PENDING,
        created_at=now,
        queued_at=now,
        due_at=now,
        updated_at=now,
    )
    runs = [
        RunRow(
            job_id=job.id,
            pipeline=pipeline,
            position=position,
            unit="seconds" if pipeline in new.listen else "frames",
            models=[],  # given, because pydantic takes long to find out what to do when they are not
            warnings=[],
        )
        for position, pipeline in enumerate(new.pipelines)
    ]
    return job, runs
