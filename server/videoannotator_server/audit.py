"""Looking at the pipelines when the service starts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

from videoannotator.pipelines.audit import IMPORT_COMMAND, check, import_problems
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry

logger = logging.getLogger(__name__)


class StartAudit:
    """Logs what is wrong with each pipeline, and has those that no worker can import listed as unavailable."""

    def __init__(self, registry: Registry, availability: Availability, environment: Mapping[str, str]) -> None:
        """``environment``: what workers get."""
        self._registry = registry
        self._environment = environment
        self._availability = availability
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. It takes seconds, in which the service works already."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, if it has not ended."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        for finding in await asyncio.to_thread(lambda: list(check(self._registry, self._availability))):
            logger.warning("Pipeline %s: %s.", finding.pipeline, finding.problem)
        process = await asyncio.create_subprocess_exec(
            *IMPORT_COMMAND, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=self._environment,
        )  # fmt: skip
        try:
            stdout, stderr = await process.communicate()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):  # it may have ended by itself just now
                process.kill()
            await process.wait()
            raise
        broken = import_problems(self._registry, process.returncode, stdout, stderr)
        self._availability.take_note(broken)
        for name, problem in broken.items():
            logger.error("Pipeline %s is unavailable, no worker can import it: %s.", name, problem)
