"""What happens to a job, as a gap-free sequence of events that watchers can resume."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from videoannotator.service.database.tables import EventRow

_RECENT = 256
"""Events that the hub keeps for each watched job, so that a watcher rarely needs the database."""


class EventKind(StrEnum):
    """What an event tells."""

    STATUS = "status"
    QUEUE_POSITION = "queue_position"
    PROGRESS = "progress"
    LOG = "log"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``payload`` has the fields of the message of its kind."""

    job_id: str
    sequence: int
    time: float
    kind: EventKind
    payload: dict[str, Any]


def events_after(session: Session, job_id: str, sequence: int, limit: int = 500) -> list[Event]:
    """Return up to ``limit`` stored events of a job after ``sequence``, oldest first."""
    rows = session.exec(
        select(EventRow)
        .where(EventRow.job_id == job_id, col(EventRow.sequence) > sequence)
        .order_by(col(EventRow.sequence))
        .limit(limit)
    )
    return [Event(row.job_id, row.sequence, row.time, EventKind(row.kind), row.payload) for row in rows]


class Watch:
    """One watcher's place in the hub. ``notify`` is called, from any thread, whenever something new happened."""

    def __init__(self, job_id: str, notify: Callable[[], None]) -> None:
        self.job_id = job_id
        self.notify = notify


class EventHub:
    """Tells watchers in this process what was committed. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watches: dict[str, set[Watch]] = {}
        self._recent: dict[str, deque[Event]] = {}

    def watch(self, job_id: str, notify: Callable[[], None]) -> Watch:
        """Start hearing of ``job_id``."""
        watch = Watch(job_id, notify)
        with self._lock:
            self._watches.setdefault(job_id, set()).add(watch)
            self._recent.setdefault(job_id, deque(maxlen=_RECENT))
        return watch

    def leave(self, watch: Watch) -> None:
        """Stop hearing."""
        with self._lock:
            watches = self._watches[watch.job_id]
            watches.discard(watch)
            if not watches:
                del self._watches[watch.job_id], self._recent[watch.job_id]

    def watched(self) -> frozenset[str]:
        """Return the ids of the jobs that are watched."""
        with self._lock:
            return frozenset(self._watches)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the watchers of the events' jobs. Call it after the events are committed."""
        with self._lock:
            notified: set[Watch] = set()
            for event in events:
                if event.job_id in self._recent:
                    self._recent[event.job_id].append(event)
                    notified |= self._watches[event.job_id]
        for watch in notified:
            watch.notify()

    def recent_after(self, job_id: str, sequence: int) -> list[Event] | None:
        """Return the recent events of a watched job after ``sequence``; None when the database knows of more."""
        with self._lock:
            recent = sorted(self._recent.get(job_id, ()), key=lambda event: event.sequence)
        later = [event for event in recent if event.sequence > sequence]
        expected = range(sequence + 1, sequence + 1 + len(later))
        return later if [event.sequence for event in later] == list(expected) else None
