"""When a job that failed in a passing way is tried again."""

from __future__ import annotations

from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, wait_exponential, wait_random

MAX_LOST_ATTEMPTS = 3
"""Attempts of one job that infrastructure may lose before the job itself is taken for the cause."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential waits with jitter, in seconds."""

    base_delay: float
    max_delay: float
    jitter: float

    def delay(self, failures: int) -> float:
        """Return how long to wait after the ``failures``-th failed attempt, counted from 1."""
        state = RetryCallState(Retrying(), fn=None, args=(), kwargs={})
        state.attempt_number = failures
        wait = wait_exponential(multiplier=self.base_delay, max=self.max_delay) + wait_random(0, self.jitter)
        return wait(state)
