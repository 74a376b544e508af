"""What the service does on the side: queue positions for watchers, and chores at intervals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from videoannotator.errors import VideoAnnotatorError
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.queue import JobQueue
from videoannotator.service.orphans import Orphans
from videoannotator.service.retention import Retention
from videoannotator.service.storage_layout import Layout

logger = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[object]]

_POSITION_INTERVAL = 0.2
"""Least time between two rounds of queue positions, in seconds: a burst of changes makes one round."""
_CHORE_INTERVAL = 30.0
_MOST_LOST = 20
"""Most lost files that a round names: when a disk is not mounted, all of them are."""
_ROUND_INTERVAL = 3600.0
"""Time between two rounds of what is seldom needed and looks at everything."""


class QueuePositions:
    """Tells watchers of waiting jobs their place when the queue changed. Lives on one event loop."""

    def __init__(self, queue: JobQueue, hub: EventHub) -> None:
        self._queue = queue
        self._hub = hub
        self._changed = asyncio.Event()
        self._known: dict[str, int] = {}

    def queue_changed(self) -> None:
        """Say that jobs may have moved in the queue."""
        self._changed.set()

    async def run(self) -> None:
        """Publish positions until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await _attempt(self._publish)
            await asyncio.sleep(_POSITION_INTERVAL)

    async def _publish(self) -> None:
        await asyncio.to_thread(self._queue.publish_positions, self._hub.watched(), self._known)


class StorageRounds:
    """Keeps the storage from filling up: what was kept long enough, files without rows, logs. Says what is lost."""

    def __init__(self, layout: Layout, retention: Retention, orphans: Orphans) -> None:
        self._layout = layout
        self._retention = retention
        self._orphans = orphans

    async def shorten_logs(self) -> None:
        """Keep the logs of workers and Envoy short."""
        await asyncio.to_thread(self._layout.shorten_logs)

    async def retire(self) -> None:
        """Remove the jobs and videos whose time has come."""
        for gone in await asyncio.to_thread(self._retention.apply):
            logger.info("The %s %s of %s is removed: it was kept long enough.", gone.kind, gone.id, gone.owner)

    async def settle_orphans(self) -> None:
        """Remove files that no row speaks of; a row whose file is gone stays, for its owner to see, and is logged."""
        if swept := await asyncio.to_thread(self._orphans.sweep):
            logger.warning("%s directories that nothing spoke of are removed.", swept)
        lost = await asyncio.to_thread(self._orphans.lost_files)
        for each in lost[:_MOST_LOST]:
            logger.error("The file of the %s %s (%s) of %s is gone.", each.kind, each.id, each.name, each.owner)
        if len(lost) > _MOST_LOST:
            logger.error("%s files are gone in all; `videoannotator storage cleanup` lists them.", len(lost))


class Housekeeping:
    """Runs the chores and the queue positions beside the calls. Lives on one event loop."""

    def __init__(self, positions: QueuePositions, chores: Sequence[Chore], rounds: Sequence[Chore] = ()) -> None:
        """``chores`` are done twice a minute, ``rounds`` once an hour."""
        self._positions = positions
        self._chores = chores
        self._rounds = rounds
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self._positions.run()),
            asyncio.create_task(_repeat(self._chores, _CHORE_INTERVAL)),
            # The first soon: a service that is started anew every day must get to it, too.
            asyncio.create_task(_repeat(self._rounds, _ROUND_INTERVAL, first_after=_CHORE_INTERVAL)),
        ]

    async def stop(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _repeat(chores: Sequence[Chore], interval: float, first_after: float | None = None) -> None:
    await asyncio.sleep(interval if first_after is None else first_after)
    while True:
        for chore in chores:
            await _attempt(chore)
        await asyncio.sleep(interval)


async def _attempt(chore: Chore) -> None:
    try:
        await chore()
    except (VideoAnnotatorError, OSError) as error:
        logger.error("A chore failed and will be tried again: %s.", error)
