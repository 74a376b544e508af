"""What the service does on the side: queue positions for watchers, and chores at intervals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from videoannotator.errors import VideoAnnotatorError
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.queue import JobQueue

logger = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[object]]

_POSITION_INTERVAL = 0.2
"""Least time between two rounds of queue positions, in seconds: a burst of changes makes one round."""
_CHORE_INTERVAL = 30.0


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


class Housekeeping:
    """Runs the chores and the queue positions beside the calls. Lives on one event loop."""

    def __init__(self, positions: QueuePositions, chores: Sequence[Chore]) -> None:
        self._positions = positions
        self._chores = chores
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._positions.run()), asyncio.create_task(self._do_chores())]

    async def stop(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(_CHORE_INTERVAL)
            for chore in self._chores:
                await _attempt(chore)


async def _attempt(chore: Chore) -> None:
    try:
        await chore()
    except (VideoAnnotatorError, OSError) as error:
        logger.error("A chore failed and will be tried again: %s.", error)
