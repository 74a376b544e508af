"""A job as its owner sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from videoannotator.database.tables import ArtifactRow, JobRow, RunRow
from videoannotator.jobs.queue import queue_position, queue_positions
from videoannotator.jobs.states import TERMINAL, JobStatus, RunStatus


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with its runs, its committed artifacts and its place in the queue, all of one moment."""

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
    for artifact in session.exec(query.order_by(col(ArtifactRow.pipeline), col(ArtifactRow.name))):
        artifacts[artifact.job_id].append(artifact)
    return [JobView(job, tuple(runs[job.id]), tuple(artifacts[job.id]), positions.get(job.id)) for job in jobs]
