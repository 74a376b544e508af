"""What the supervisor needs of whatever runs attempts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from videoannotator.worker.protocol import AttemptEvent, AttemptKey, RunAttempt


class ExecutionBackend(Protocol):
    """Runs attempts somewhere: in processes of this machine, or as jobs of a cluster."""

    async def launch(self, attempt: RunAttempt) -> None:
        """Start an attempt.

        Raises:
            OSError: No process can be started.
        """

    async def request_cancel(self, key: AttemptKey) -> None:
        """Begin to stop an attempt, politely first; its last event tells when it is gone. Idempotent."""

    async def kill(self, key: AttemptKey) -> None:
        """Stop an attempt now and return when everything it used is free. Does nothing for an attempt that is gone."""

    def events(self, key: AttemptKey) -> AsyncIterator[AttemptEvent]:
        """Yield what a launched attempt tells; the last event is an Ending."""

    def idle_workers(self) -> int:
        """Return how many workers are kept warm."""

    async def close(self) -> None:
        """Stop everything."""
