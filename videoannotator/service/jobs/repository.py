"""What owners do with jobs. Every query is filtered by owner here, so that no caller can forget it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, tuple_
from sqlmodel import Session, col, select

from videoannotator.errors import (
    JobAlreadyCompletedError,
    JobNotFinishedError,
    JobNotFoundError,
    JobNotRetryableError,
)
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.events import Event, events_after
from videoannotator.service.jobs.quota import JobQuota
from videoannotator.service.jobs.removal import forget_job
from videoannotator.service.jobs.runs import cancel_open_runs, reset_runs
from videoannotator.service.jobs.states import TERMINAL, JobStatus, Trigger
from videoannotator.service.jobs.submissions import ready_video
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.jobs.views import JobView, RecentViews, revalidate, view, views


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

    def __init__(self, unit_of_work: UnitOfWork, quota: JobQuota) -> None:
        self._unit_of_work = unit_of_work
        self._quota = quota
        self._recent = RecentViews()

    def get(self, principal: Principal, job_id: str) -> JobView:
        """Return one job."""
        version = self._unit_of_work.version
        last = self._recent.last(job_id)
        with self._unit_of_work.read() as session:
            found = revalidate(session, last) if last is not None and principal.may_see(last.job.owner) else None
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
        return found if found is not None and principal.may_see(found.job.owner) else None

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
                    f"Job {job_id} is {status} already.", {"job_id": job_id, "status": status}
                )
            if status not in (JobStatus.CANCELLING, JobStatus.CANCELLED):
                job.cancel_reason = reason or None
                job.next_attempt_at = None
                if status is JobStatus.PENDING:
                    cancel_open_runs(transaction.session, job)
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
                raise JobNotRetryableError(f"Job {job_id} is {status}.", {"job_id": job_id, "status": status})
            ready_video(transaction.session, principal, job.video_id, lock=True)
            self._quota.check(transaction.session, principal)
            job.queued_at = job.due_at = transaction.now
            job.started_at = job.completed_at = job.cancelled_at = job.next_attempt_at = None
            job.failures = job.lost_attempts = 0
            job.progress = 0.0
            job.error = job.cancel_reason = None
            reset_runs(transaction.session, job)
            transaction.move(job, Trigger.RETRY)
            transaction.session.flush()
            return view(transaction.session, job)

    def delete(self, principal: Principal, job_id: str, *, with_video: bool = False) -> str | None:
        """Forget a job that has ended, with its events and artifacts; its files are the caller's to remove.

        Args:
            principal: Must own the job.
            job_id: The job.
            with_video: Whether its video goes, too, if no other job is left of it.

        Returns:
            The id of the video, if it went; its file is the caller's to remove.

        Raises:
            JobNotFinishedError: The job has not ended.
        """
        with self._unit_of_work.write() as transaction:
            job = _visible_job(transaction.session, principal, job_id, lock=True)
            if JobStatus(job.status) not in TERMINAL:
                raise JobNotFinishedError(f"Job {job_id} is {job.status}.", {"job_id": job_id, "status": job.status})
            return forget_job(transaction.session, job, with_video=with_video)

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


def _visible_job(session: Session, principal: Principal, job_id: str, *, lock: bool = False) -> JobRow:
    job = session.get(JobRow, job_id, with_for_update=lock or None)
    if job is None or not principal.may_see(job.owner):
        raise JobNotFoundError(f"There is no job {job_id}.", {"job_id": job_id})
    return job
