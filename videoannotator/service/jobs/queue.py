"""The order in which pending jobs start."""

from __future__ import annotations

from typing import Any

from sqlalchemy import UnaryExpression, and_, bindparam, func, or_
from sqlmodel import Session, col, select

from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.events import EventKind, Moment
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.unit_of_work import UnitOfWork


def queue_order() -> tuple[UnaryExpression[Any], ...]:
    """Return the ORDER BY of the queue: priority first, then who is due first; the id settles ties."""
    return (col(JobRow.priority).desc(), col(JobRow.due_at).asc(), col(JobRow.id).asc())


def queue_positions(session: Session) -> dict[str, int]:
    """Return the 1-based position of every pending job."""
    ids = session.exec(select(JobRow.id).where(JobRow.status == JobStatus.PENDING).order_by(*queue_order()))
    return {job_id: position for position, job_id in enumerate(ids, start=1)}


def queue_position(session: Session, job: JobRow) -> int | None:
    """Return the 1-based position of a job; None unless it is pending."""
    if job.status != JobStatus.PENDING:
        return None
    place = {"priority": job.priority, "due_at": job.due_at, "id": job.id}
    ahead: int = session.exec(_COUNT_AHEAD, params=place).one()
    return ahead + 1


def _count_ahead() -> Any:
    """Return a query with the place of a job for its parameters; making one costs more than running it."""
    place: dict[str, Any] = {name: bindparam(name) for name in ("priority", "due_at", "id")}
    priority, due_at = col(JobRow.priority), col(JobRow.due_at)
    ahead = or_(
        priority > place["priority"],
        and_(priority == place["priority"], due_at < place["due_at"]),
        and_(priority == place["priority"], due_at == place["due_at"], col(JobRow.id) < place["id"]),
    )
    return select(func.count()).select_from(JobRow).where(JobRow.status == JobStatus.PENDING, ahead)


_COUNT_AHEAD = _count_ahead()


class JobQueue:
    """Tells where jobs wait, and for how long."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    def seconds_until_due(self) -> float | None:
        """Return the time until the next waiting retry is due, in seconds; None when none waits."""
        with self._unit_of_work.read() as session:
            now = self._unit_of_work.clock()
            query = select(func.min(JobRow.due_at)).where(JobRow.status == JobStatus.PENDING, col(JobRow.due_at) > now)
            due_at = session.exec(query).one()
            return None if due_at is None else max(0.0, due_at - now)

    def publish_positions(self, watched: frozenset[str], known: dict[str, int]) -> None:
        """Show watchers the place of their job in the queue where it differs from ``known``, which is updated."""
        with self._unit_of_work.read() as session:
            positions = queue_positions(session)
        for job_id in known.keys() - (positions.keys() & watched):
            del known[job_id]
        moved = {job_id: positions[job_id] for job_id in watched & positions.keys()}
        moved = {job_id: position for job_id, position in moved.items() if known.get(job_id) != position}
        now = self._unit_of_work.clock()
        self._unit_of_work.hub.show(
            [
                Moment(job_id, now, EventKind.QUEUE_POSITION, {"position": position})
                for job_id, position in moved.items()
            ]
        )
        known.update(moved)
