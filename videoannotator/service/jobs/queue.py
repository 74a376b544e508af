"""The order in which pending jobs start."""

from __future__ import annotations

from typing import Any

from sqlalchemy import UnaryExpression, and_, bindparam, func, or_
from sqlmodel import Session, col, select

from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.states import JobStatus


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
