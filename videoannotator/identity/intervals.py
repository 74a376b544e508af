"""Stretches of time: pairs of start and end in seconds, in order and apart from each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

Intervals = Sequence[tuple[float, float]]

_PATIENCE = 2.5
"""A track that misses no more than this many sampled frames, less one, has not been away."""


def typical_step(times: Sequence[float]) -> float:
    """Return the usual distance between ``times``; 0 if there are fewer than two."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 0.0


def presence(times: Iterable[float], step: float) -> Intervals:
    """Return when something was there that was seen at ``times``; each sighting lasts for ``step`` seconds."""
    found: list[tuple[float, float]] = []
    for time in times:
        if found and time - found[-1][1] <= (_PATIENCE - 1) * step:
            found[-1] = (found[-1][0], max(found[-1][1], time + step))
        else:
            found.append((time, time + step))
    return found


def merged(intervals: Iterable[tuple[float, float]]) -> Intervals:
    """Return the time that any of ``intervals`` covers."""
    union: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return union


def common(first: Intervals, second: Intervals) -> float:
    """Return the seconds that both cover."""
    total, one, other = 0.0, 0, 0
    while one < len(first) and other < len(second):
        start, end = max(first[one][0], second[other][0]), min(first[one][1], second[other][1])
        total += max(end - start, 0.0)
        if first[one][1] <= second[other][1]:
            one += 1
        else:
            other += 1
    return total
