"""What was seen at a moment, where not every frame was looked at."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Generic, TypeVar

from videoannotator.annotations import FrameRecord
from videoannotator.identity.intervals import typical_step

SeenT = TypeVar("SeenT", bound=FrameRecord)

_ROUNDING = 1e-6


class NearestFrame(Generic[SeenT]):
    """Finds what was seen in the frame nearest to a time. Ask in the order of times; the same one may come again."""

    def __init__(self, records: Iterable[SeenT], times: Sequence[float], reach: float) -> None:
        """``records``: in the order of their times; ``times``: of all frames that were looked at.

        ``reach``: how far the nearest may be, in usual distances between frames.
        """
        self._frames: Iterator[tuple[float, Iterable[SeenT]]] = groupby(records, _time)
        self._times = times
        self._reach = reach * typical_step(times) + _ROUNDING
        self._time = -math.inf
        self._records: list[SeenT] = []

    def near(self, time: float) -> list[SeenT]:
        """Return what was seen at about ``time``; nothing where no frame is near enough."""
        after = bisect_left(self._times, time)
        nearest = min(self._times[max(after - 1, 0) : after + 1], key=lambda each: abs(each - time), default=math.nan)
        return self._at(nearest) if abs(nearest - time) <= self._reach else []

    def _at(self, time: float) -> list[SeenT]:
        while self._time < time:
            found = next(self._frames, None)
            self._time, self._records = (found[0], list(found[1])) if found else (math.inf, [])
        return self._records if self._time == time else []


def _time(seen: FrameRecord) -> float:
    return seen.time
