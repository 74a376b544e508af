"""Choosing frames by their timestamps."""

from __future__ import annotations

from math import floor, inf

CLOCK_TOLERANCE = 0.001
"""Seconds; Matroska rounds its timestamps to milliseconds."""


class Sampler:
    """Chooses ``rate`` frames per second of media time, or every frame if ``rate`` is None.

    Media time is cut into slots of 1 / rate seconds, counted from the first frame, and the first frame in each slot is
    chosen. So nothing drifts however long the video, and a variable frame rate needs no special case: a slot without a
    frame yields none.

    Raises:
        ValueError: The rate is not a positive number.
    """

    def __init__(self, rate: float | None) -> None:
        if rate is not None and not 0 < rate < inf:
            raise ValueError(f"a sampling rate is a positive number of frames per second, not {rate}")
        self._rate = rate
        self._start: float | None = None
        self._next_slot = 0

    def wants(self, time: float) -> bool:
        """Whether to take the frame at ``time`` seconds. Ask once for each frame, in the order of decoding."""
        if self._rate is None:
            return True
        if self._start is None:
            self._start = time
        tolerance = min(CLOCK_TOLERANCE, 0.1 / self._rate)
        slot = floor((time - self._start + tolerance) * self._rate)
        if slot < self._next_slot:
            return False
        self._next_slot = slot + 1
        return True
