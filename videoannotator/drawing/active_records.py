"""Records that last for a while, by the time at which they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar, cast

from videoannotator.annotations import IntervalRecord, Record

LastingT = TypeVar("LastingT", bound=IntervalRecord)


class ActiveRecords(Generic[LastingT]):
    """Finds the records that last at a time. Ask in the order of times; only those that last are in memory."""

    def __init__(self, records: Iterable[Record], _: type[LastingT] | None = None) -> None:
        """``records``: all of one type, in the order of their starts."""
        self._coming: Iterator[LastingT] = iter(cast("Iterable[LastingT]", records))
        self._next: LastingT | None = next(self._coming, None)
        self._lasting: list[LastingT] = []

    def at(self, time: float) -> list[LastingT]:
        """Return what has started at ``time`` and not ended, in the order of starts."""
        while self._next is not None and self._next.start <= time:
            self._lasting.append(self._next)
            self._next = next(self._coming, None)
        self._lasting = [record for record in self._lasting if record.end > time]
        return self._lasting
