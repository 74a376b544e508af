"""What happens to a job: its history, a gap-free sequence that watchers can resume, and what is so at this moment."""

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
    """One event of a job's history; ``payload`` has the fields of the message of its kind."""

    job_id: str
    sequence: int
    time: float
    kind: EventKind
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is so now and is not kept: how far a pipeline is, where a job waits. A newer one takes its place."""

    job_id: str
    time: float
    kind: EventKind
    payload: dict[str, Any]

    @property
    def subject(self) -> str:
        """What it is about: the pipeline, or the job's place."""
        return str(self.payload.get("pipeline", self.kind))


@dataclass(frozen=True, slots=True)
class News:
    """What a watcher has not heard yet. Moments are told once the history is."""

    events: Sequence[Event] | None
    """None when only the database knows all of them."""
    moments: Sequence[Moment]
    tick: int
    """Where the next moments begin."""


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


class _Channel:
    """What the watchers of one job can hear."""

    def __init__(self) -> None:
        self.watches: set[Watch] = set()
        self.recent: deque[Event] = deque(maxlen=_RECENT)
        self.moments: dict[str, tuple[int, Moment]] = {}

    def add(self, event: Event) -> None:
        """Add to the history; what an event makes untrue is not told any more."""
        self.recent.append(event)
        if event.kind is EventKind.PROGRESS:
            self.moments.pop(event.payload["pipeline"], None)
        elif event.kind is not EventKind.LOG:
            self.moments.clear()


class EventHub:
    """Tells watchers in this process what was committed, and what is so now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, _Channel] = {}
        self._tick = 0

    def watch(self, job_id: str, notify: Callable[[], None]) -> Watch:
        """Start hearing of ``job_id``."""
        watch = Watch(job_id, notify)
        with self._lock:
            self._channels.setdefault(job_id, _Channel()).watches.add(watch)
        return watch

    def leave(self, watch: Watch) -> None:
        """Stop hearing."""
        with self._lock:
            watches = self._channels[watch.job_id].watches
            watches.discard(watch)
            if not watches:
                del self._channels[watch.job_id]

    def watched(self) -> frozenset[str]:
        """Return the ids of the jobs that are watched."""
        with self._lock:
            return frozenset(self._channels)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the watchers of the events' jobs. Call it after the events are committed."""
        with self._lock:
            heard = [(channel, event) for event in events if (channel := self._channels.get(event.job_id))]
            for channel, event in heard:
                channel.add(event)
            notified = {watch for channel, _ in heard for watch in channel.watches}
        for watch in notified:
            watch.notify()

    def show(self, moments: Sequence[Moment]) -> None:
        """Tell the watchers of the moments' jobs; without a watcher they are lost."""
        with self._lock:
            heard = [(channel, moment) for moment in moments if (channel := self._channels.get(moment.job_id))]
            for channel, moment in heard:
                self._tick += 1
                channel.moments[moment.subject] = (self._tick, moment)
            notified = {watch for channel, _ in heard for watch in channel.watches}
        for watch in notified:
            watch.notify()

    def news(self, job_id: str, sequence: int, tick: int) -> News:
        """Return the events of a watched job after ``sequence``, and its moments after ``tick``, all of one moment."""
        with self._lock:
            channel = self._channels[job_id]
            later = sorted((event for event in channel.recent if event.sequence > sequence), key=_by_sequence)
            moments = [moment for told, moment in channel.moments.values() if told > tick]
            newest = self._tick
        expected = range(sequence + 1, sequence + 1 + len(later))
        joined = [event.sequence for event in later] == list(expected)
        return News(later if joined else None, moments, newest)


def _by_sequence(event: Event) -> int:
    return event.sequence
