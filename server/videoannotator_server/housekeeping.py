"""What the service does on the side: queue positions for watchers, expired uploads, orphaned jobs, idle workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from videoannotator.errors import VideoAnnotatorError
from videoannotator.service.execution.subprocess_backend import SubprocessBackend
from videoannotator.service.jobs.attempts import AttemptRepository
from videoannotator.service.jobs.events import EventHub

logger = logging.getLogger(__name__)

_POSITION_INTERVAL = 0.2
"""Least time between two rounds of queue positions, in seconds: a burst of changes makes one round."""
_CHORE_INTERVAL = 30.0


async def _nothing_to_do() -> None:
    return None


class Housekeeping:
    """Runs the chores. Lives on one event loop."""

    def __init__(self, attempts: AttemptRepository, backend: SubprocessBackend, hub: EventHub) -> None:
        self.expire_uploads: Callable[[], Awaitable[object]] = _nothing_to_do
        self.reclaim_jobs: Callable[[], Awaitable[object]] = _nothing_to_do
        self._attempts = attempts
        self._backend = backend
        self._hub = hub
        self._moved = asyncio.Event()
        self._positions: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def queue_changed(self) -> None:
        """Say that jobs may have moved in the queue."""
        self._moved.set()

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._tell_positions()), asyncio.create_task(self._do_chores())]

    async def stop(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell_positions(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            await self._guarded(self._publish_positions)
            await asyncio.sleep(_POSITION_INTERVAL)

    async def _publish_positions(self) -> None:
        watched = self._hub.watched()
        await asyncio.to_thread(self._attempts.publish_positions, watched, self._positions)

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(_CHORE_INTERVAL)
            await self._guarded(self.expire_uploads)
            await self._guarded(self.reclaim_jobs)
            await self._guarded(self._backend.retire_idle)

    async def _guarded(self, chore: Callable[[], Awaitable[object]]) -> None:
        try:
            await chore()
        except (VideoAnnotatorError, OSError) as error:
            logger.error("a chore failed and will be tried again: %s", error)
