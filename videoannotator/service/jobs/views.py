"""A job as its owner sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from videoannotator.service.database.tables import ArtifactRow, JobRow, RunRow
from videoannotator.service.jobs.queue import queue_position, queue_positions
from videoannotator.service.jobs.states import TERMINAL, JobStatus, RunStatus


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class JobView:
    """A job with its runs, its committed artifacts and its place in the queue, all of one moment.

    Nothing in it changes any more, so what is made of it can be kept as long as it is.
    """

    job: JobRow
    runs: tuple[RunRow, ...]
    artifacts: tuple[ArtifactRow, ...] = ()
    queue_position: int | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return JobStatus(self.job.status) in TERMINAL

    @property
    def success_rate(self) -> float:
        """Part of the pipelines that succeeded; 0.0 when there is none."""
        if not self.runs:
            return 0.0
        return sum(run.status == RunStatus.COMPLETED for run in self.runs) / len(self.runs)


class RecentViews:
    """The views that were read last. Safe to use from several threads."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._views: dict[str, tuple[object, JobView]] = {}

    def get(self, job_id: str, version: object) -> JobView | None:
        """Return the view of a job if it was read under ``version`` of the unit of work."""
        entry = self._views.get(job_id)
        if entry is None or entry[0] is not version or entry[1].job.status == JobStatus.PENDING:
            return None  # a place in the queue changes with other jobs
        return entry[1]

    def last(self, job_id: str) -> JobView | None:
        """Return the last view of a job, whatever has been written since."""
        entry = self._views.get(job_id)
        return entry[1] if entry is not None else None

    def keep(self, view: JobView, version: object) -> None:
        """Keep a view that was read while the unit of work had ``version``."""
        if len(self._views) >= self._size and view.job.id not in self._views:
            self._views.clear()
        self._views[view.job.id] = (version, view)


def revalidate(session: Session, known: JobView) -> JobView | None:
    """Return a view that was read before if it is true now; None when something happened to the job since.

    Whatever changes what a view shows also raises the revision, in the same transaction.
    """
    now = session.exec(select(JobRow.revision).where(JobRow.id == known.job.id)).first()
    if now != known.job.revision:
        return None
    position = queue_position(session, known.job)
    return known if position == known.queue_position else replace(known, queue_position=position)


def view(session: Session, job: JobRow) -> JobView:
    """Return the view of one job."""
    return views(session, [job], {job.id: position} if (position := queue_position(session, job)) else {})[0]


def views(session: Session, jobs: Sequence[JobRow], positions: dict[str, int] | None = None) -> list[JobView]:
    """Return the views of ``jobs`` in the same order, with a fixed number of queries."""
    ids = [job.id for job in jobs]
    if positions is None:
        positions = queue_positions(session) if any(job.status == JobStatus.PENDING for job in jobs) else {}
    runs: defaultdict[str, list[RunRow]] = defaultdict(list)
    for run in session.exec(select(RunRow).where(col(RunRow.job_id).in_(ids)).order_by(col(RunRow.position))):
        runs[run.job_id].append(run)
    artifacts: defaultdict[str, list[ArtifactRow]] = defaultdict(list)
    query = select(ArtifactRow).where(col(ArtifactRow.job_id).in_(ids))
    for artifact in session.exec(query.order_by(col(ArtifactRow.pipeline).nulls_first(), col(ArtifactRow.name))):
        artifacts[artifact.job_id].append(artifact)
    return [JobView(job, tuple(runs[job.id]), tuple(artifacts[job.id]), positions.get(job.id)) for job in jobs]
