"""How many calls came, how they ended, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """The calls of one method that ended alike."""

    count: int = 0
    seconds: float = 0.0


class CallStatistics:
    """Counts calls that have ended. Lives on one event loop."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}

    def add(self, method: str, code: str, seconds: float) -> None:
        """Count a call."""
        tally = self._tallies.setdefault((method, code), Tally())
        tally.count += 1
        tally.seconds += seconds

    def __iter__(self) -> Iterator[tuple[str, str, Tally]]:
        return iter([(method, code, tally) for (method, code), tally in sorted(self._tallies.items())])

    @property
    def count(self) -> int:
        """Number of all calls."""
        return sum(tally.count for tally in self._tallies.values())

    @property
    def average_seconds(self) -> float:
        """Mean time of all calls but streams of events, which take as long as a job does."""
        short = [tally for (method, _), tally in self._tallies.items() if not method.endswith(_LONG)]
        count = sum(tally.count for tally in short)
        return sum(tally.seconds for tally in short) / count if count else 0.0


_LONG = ("/WatchJob", "/RunJob", "/StreamEvents", "/Watch")
