"""Numbers about all jobs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import JobRow, RunRow
from videoannotator.service.jobs.states import JobStatus, RunStatus


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The sum of all runs that ended well."""

    annotations: int
    average_seconds: float


class JobStatistics:
    """Counts jobs and what they found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[JobStatus, int]:
        """Return the number of jobs in each status."""
        with self._database.read() as session:
            rows = session.exec(select(JobRow.status, func.count()).group_by(col(JobRow.status)))
            return {JobStatus(status): count for status, count in rows}

    def expired_leases(self, now: float) -> int:
        """Return the number of attempts whose lease ran out before ``now`` and that are not settled."""
        query = select(func.count()).where(
            col(JobRow.status).in_([JobStatus.RUNNING, JobStatus.CANCELLING]), col(JobRow.lease_expires_at) < now
        )
        with self._database.read() as session:
            return int(session.exec(query).one())

    def work_done(self) -> WorkDone:
        """Return the sum of all runs that ended well."""
        done = select(func.sum(RunRow.annotation_count), func.avg(RunRow.seconds)).where(
            RunRow.status == RunStatus.COMPLETED
        )
        with self._database.read() as session:
            annotations, seconds = session.exec(done).one()
        return WorkDone(int(annotations or 0), float(seconds or 0.0))
