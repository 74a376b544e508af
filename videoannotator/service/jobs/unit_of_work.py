"""Transactions that change jobs: whatever is committed is also sent to watchers, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlmodel import Session

from videoannotator.service.clock import Clock
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import EventRow, JobRow
from videoannotator.service.jobs.events import Event, EventHub, EventKind
from videoannotator.service.jobs.states import TERMINAL, JobStatus, Trigger, next_status


class Transaction:
    """An open transaction on jobs."""

    def __init__(self, session: Session, now: float) -> None:
        self.session = session
        self.now = now
        self.events: list[Event] = []

    def job(self, job_id: str) -> JobRow | None:
        """Return a job locked for change."""
        return self.session.get(JobRow, job_id, with_for_update=True)

    def tell(self, job: JobRow, kind: EventKind, **payload: Any) -> None:
        """Add an event to the job's history."""
        self.touch(job)
        job.last_sequence += 1
        event = Event(job.id, job.last_sequence, self.now, kind, payload)
        self.session.add(EventRow(job_id=job.id, sequence=event.sequence, time=self.now, kind=kind, payload=payload))
        self.events.append(event)

    def touch(self, job: JobRow) -> None:
        """Say that what a view of the job shows has changed."""
        job.revision += 1
        job.updated_at = self.now

    def move(self, job: JobRow, trigger: Trigger, reason: str = "") -> None:
        """Change a job's status: the only place where that happens.

        Raises:
            InternalError: The state machine does not allow it.
        """
        status = next_status(JobStatus(job.status), trigger)
        job.status = status
        if status not in (JobStatus.RUNNING, JobStatus.CANCELLING):
            job.lease_token = job.lease_expires_at = None
        if status is JobStatus.CANCELLED:
            job.cancelled_at = self.now
        elif status in TERMINAL:
            job.completed_at = self.now
        self.tell(
            job,
            EventKind.STATUS,
            status=status,
            attempt=job.attempt,
            reason=reason,
            next_attempt_at=job.next_attempt_at if status is JobStatus.PENDING else None,
        )
        if status in TERMINAL:
            self.tell(job, EventKind.TERMINAL, status=status, attempt=job.attempt)


class UnitOfWork:
    """Opens transactions on jobs and publishes what they committed."""

    def __init__(self, database: Database, hub: EventHub, clock: Clock = time.time) -> None:
        self.database = database
        self.hub = hub
        self.clock = clock
        self.version = object()
        """Another object after every transaction: what was read under the present one is still true."""

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Yield a transaction; its changes and events become durable together, then watchers get the events."""
        try:
            with self.database.write() as session:
                transaction = Transaction(session, self.clock())
                yield transaction
                session.flush()
        finally:
            # Also after an error: a connection that broke may have committed before.
            self.version = object()
        if transaction.events:
            self.hub.publish(transaction.events)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a read-only session."""
        with self.database.read() as session:
            yield session
