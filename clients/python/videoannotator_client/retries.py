"""When a call that failed is made again. tenacity decides, by what is said here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState
from tenacity.wait import wait_random_exponential

from videoannotator.errors import VideoAnnotatorError
from videoannotator_client.errors import is_passing

PATIENCE = 30.0
"""Seconds that a client goes on trying while the server is away, unless set otherwise."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Which errors are followed by another attempt, after which pause, and when the last attempt was made."""

    retry: Callable[[BaseException], bool]
    wait: Callable[[RetryCallState], float]
    """Seconds until the next attempt."""
    stop: Callable[[RetryCallState], bool]
    before_sleep: Callable[[RetryCallState], None] | None = None


@dataclass(frozen=True, slots=True)
class RetryConfig:
    """How a client tries again while the server is away: for ``patience`` seconds of ``clock``."""

    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic

    def for_calls(self) -> RetryPolicy:
        """Return the policy for calls that can be made twice without harm."""
        return RetryPolicy(is_passing, _wait_as_asked, self.stop_after(self.patience))

    def stop_after(self, seconds: float) -> Callable[[RetryCallState], bool]:
        """Return a rule that ends the attempts when so many seconds are over from now on."""
        end = self.clock() + seconds
        return lambda _: self.clock() >= end


_growing_pause = wait_random_exponential(0.5, max=10)


def _wait_as_asked(state: RetryCallState) -> float:
    """Return a pause that grows up to 10 seconds, and is at least as long as the server asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, VideoAnnotatorError) else None
    return max(_growing_pause(state), asked or 0.0)
