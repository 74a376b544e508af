"""Following a job live: from any point of its history, without gap or repeat, to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from videoannotator.errors import InvalidRequestError, ServiceUnavailableError
from videoannotator.service.auth.access import Principal
from videoannotator.service.jobs.events import Event, EventHub, EventKind, Moment
from videoannotator.service.jobs.repository import JobRepository
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.views import JobView

HEARTBEAT_INTERVAL = 15.0
"""Seconds of silence after which a watch says that it is alive."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole job as it is now."""

    view: JobView
    sequence: int
    time: float


@dataclass(frozen=True, slots=True)
class WatchHeartbeat:
    """Nothing happened for a while."""

    job_id: str
    sequence: int
    time: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The job has ended; nothing follows."""

    view: JobView
    sequence: int
    time: float


@dataclass(frozen=True, slots=True)
class Present:
    """How far the work is now, or where the job waits now."""

    moment: Moment
    sequence: int


Update = Snapshot | Event | Present | WatchHeartbeat | Ended

_TRUE_WHILE = {EventKind.PROGRESS: JobStatus.RUNNING, EventKind.QUEUE_POSITION: JobStatus.PENDING}
"""What a moment is about, and the status without which it came too late."""


class Watcher:
    """Lets callers watch jobs. Lives on one event loop."""

    def __init__(
        self,
        repository: JobRepository,
        hub: EventHub,
        on_watch: Callable[[], None] = lambda: None,
        heartbeat_interval: float = HEARTBEAT_INTERVAL,
    ) -> None:
        """Prepare; ``on_watch`` is called when a watch begins."""
        self._repository = repository
        self._hub = hub
        self._on_watch = on_watch
        self._heartbeat_interval = heartbeat_interval
        self._flags: set[asyncio.Event] = set()
        self._in_flight_reads: dict[tuple[str, int], asyncio.Task[JobView]] = {}
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the service shuts down."""
        return self._closed

    def close(self) -> None:
        """End every watch with ServiceUnavailableError; the watchers resume elsewhere or later."""
        self._closed = True
        for flag in self._flags:
            flag.set()

    async def watch(self, principal: Principal, job_id: str, after: int | None = None) -> AsyncIterator[Update]:
        """Yield a snapshot, then what happened after sequence ``after`` (None: from now on), then the job's end.

        Once the watcher knows the history, it also hears how far the work is and where the job waits.

        Raises:
            JobNotFoundError: No such job.
            InvalidRequestError: ``after`` lies in the future or is negative.
            ServiceUnavailableError: The service shuts down.
        """
        loop = asyncio.get_running_loop()
        flag = asyncio.Event()

        def notify() -> None:
            loop.call_soon_threadsafe(flag.set)

        watch = self._hub.watch(job_id, notify)
        self._flags.add(flag)
        try:
            view = self._repository.known(principal, job_id)
            if view is None:
                view = await asyncio.to_thread(self._repository.get, principal, job_id)
            sequence = view.job.last_sequence if after is None else after
            if not 0 <= sequence <= view.job.last_sequence:
                raise InvalidRequestError(
                    f"after_sequence is {after}; the job's last event is {view.job.last_sequence}.",
                    {"last_sequence": view.job.last_sequence},
                    field="after_sequence",
                )
            self._on_watch()
            yield Snapshot(view, sequence, time.time())
            status, tick = view.job.status, 0
            while True:
                flag.clear()
                news = self._hub.news(job_id, sequence, tick)
                events = await self._history(job_id, sequence, news.events, known_until=view.job.last_sequence)
                for event in events:
                    sequence = event.sequence
                    if event.kind is EventKind.TERMINAL:
                        view = await self._view_at(principal, job_id, sequence)
                        if view.is_terminal and view.job.last_sequence == sequence:
                            yield Ended(view, sequence, event.time)
                            return
                    status = event.payload.get("status", status) if event.kind is EventKind.STATUS else status
                    yield event
                if events:
                    continue
                tick = news.tick
                for moment in news.moments:
                    if status == _TRUE_WHILE[moment.kind]:
                        yield Present(moment, sequence)
                if view.is_terminal and sequence >= view.job.last_sequence:
                    yield Ended(view, sequence, time.time())
                    return
                if not news.moments and not await self._wait(flag):
                    yield WatchHeartbeat(job_id, sequence, time.time())
        finally:
            self._flags.discard(flag)
            self._hub.leave(watch)

    async def _history(
        self, job_id: str, sequence: int, recent: Sequence[Event] | None, known_until: int
    ) -> Sequence[Event]:
        # Events after the snapshot are in memory; with thousands of watches the database must not be asked for nothing.
        if recent or (recent is not None and sequence >= known_until):
            return recent
        return await asyncio.to_thread(self._repository.events, job_id, sequence)

    async def _view_at(self, principal: Principal, job_id: str, sequence: int) -> JobView:
        # One look for all: the thousands who watch a job come at the same moment when it ends.
        look = self._in_flight_reads.get((job_id, sequence))
        if look is None:
            look = asyncio.create_task(asyncio.to_thread(self._repository.get, principal, job_id))
            look.add_done_callback(lambda _: self._in_flight_reads.pop((job_id, sequence)))
            self._in_flight_reads[job_id, sequence] = look
        return await asyncio.shield(look)

    async def _wait(self, flag: asyncio.Event) -> bool:
        """Return whether something happened before it was time for a heartbeat."""
        if self._closed:
            raise ServiceUnavailableError("The service is shutting down.")
        try:
            await asyncio.wait_for(flag.wait(), self._heartbeat_interval)
        except TimeoutError:
            return False
        if self._closed:
            raise ServiceUnavailableError("The service is shutting down.")
        return True
