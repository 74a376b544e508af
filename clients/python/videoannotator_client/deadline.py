"""How long a job is waited for."""

from __future__ import annotations

import math
from collections.abc import Callable


class Deadline:
    """The moment when a watch must be over; never without a ``timeout`` in seconds."""

    def __init__(self, clock: Callable[[], float], timeout: float | None) -> None:
        self._clock = clock
        self._end = math.inf if timeout is None else clock() + timeout

    @property
    def left(self) -> float | None:
        """Seconds that are left, as gRPC takes them."""
        return None if math.isinf(self._end) else max(self._end - self._clock(), 0.0)
