"""When a transfer of bytes over a connection that may break at any time is tried again."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.wait import wait_random_exponential

from videoannotator_client.retries import RetryPolicy

MAX_IDLE_ATTEMPTS = 6
"""Attempts in a row without a single byte moving before a transfer is given up."""


class TransferRetry:
    """Counts the attempts that moved nothing: the pauses grow with them, and too many of them in a row end it."""

    def __init__(self) -> None:
        self.idle_attempts = 0
        """Attempts since something moved, the present one included."""
        self._position = 0

    def begin(self) -> None:
        """Another attempt begins."""
        self.idle_attempts += 1

    def reach(self, position: int) -> None:
        """Note how many bytes have arrived until now."""
        if position > self._position:
            self._position, self.idle_attempts = position, 1

    def policy(self, is_passing: Callable[[BaseException], bool]) -> RetryPolicy:
        """Return when to try again after an error that may pass."""
        growing = wait_random_exponential(0.5, max=10)

        def wait(state: RetryCallState) -> float:
            # A long transfer may break often; only attempts that moved nothing make it slower.
            state.attempt_number = self.idle_attempts
            return growing(state)

        return RetryPolicy(is_passing, wait, stop=lambda _: self.idle_attempts >= MAX_IDLE_ATTEMPTS)
