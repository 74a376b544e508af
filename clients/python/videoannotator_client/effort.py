"""Moving bytes over a connection that may break at any time."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_random_exponential

MAX_IDLE_ATTEMPTS = 6
"""Attempts in a row without a single byte moving before a transfer is given up."""


class Effort:
    """Counts the attempts that moved nothing: the pauses grow with them, and too many of them in a row are enough."""

    def __init__(self) -> None:
        self.idle = 0
        """Attempts since something moved, the present one included."""
        self._position = 0

    def begin(self) -> None:
        """Another attempt begins."""
        self.idle += 1

    def reach(self, position: int) -> None:
        """So many bytes are there by now."""
        if position > self._position:
            self._position, self.idle = position, 1

    def policy(self, is_passing: Callable[[BaseException], bool]) -> Retrying:
        """Return when to try again after an error that may pass."""
        growing = wait_random_exponential(0.5, max=10)

        def pause(state: RetryCallState) -> float:
            state.attempt_number = self.idle  # a long transfer may break often; only standstill makes it slower
            return growing(state)

        return Retrying(
            retry=retry_if_exception(is_passing),
            wait=pause,
            stop=lambda _: self.idle >= MAX_IDLE_ATTEMPTS,
            reraise=True,
        )
