"""What a pipeline remembers of everyone it saw, and the records that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, overload

from videoannotator.pipelines.tracking import identities

RecordT = TypeVar("RecordT")
RecordT_co = TypeVar("RecordT_co", covariant=True)


class Sighting(Protocol[RecordT_co]):
    """An observation in the little memory that hours of video need."""

    @property
    def key(self) -> int:
        """What the tracker said; below 0 if nobody asked it."""

    def observation(self, track_id: int | None) -> RecordT_co:
        """Return the record, under the final identity."""


class Observations(Sequence[RecordT]):
    """Records that are made only when they are asked for: as objects they would take ten times the memory."""

    def __init__(self, sightings: Sequence[Sighting[RecordT]], names: Mapping[int, int]) -> None:
        """``names``: the track id of each key that has one."""
        self._sightings = sightings
        self._names = names

    @classmethod
    def identified(cls, sightings: Sequence[Sighting[RecordT]], least: int) -> Observations[RecordT]:
        """Return the records of ``sightings``; whoever was seen in fewer than ``least`` frames has no track id."""
        keys = (sighting.key for sighting in sightings if sighting.key >= 0)
        return cls(sightings, identities(keys, least))

    def __len__(self) -> int:
        return len(self._sightings)

    @overload
    def __getitem__(self, index: int) -> RecordT: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordT]: ...

    def __getitem__(self, index: int | slice) -> RecordT | Sequence[RecordT]:
        if isinstance(index, slice):
            return Observations(self._sightings[index], self._names)
        sighting = self._sightings[index]
        return sighting.observation(self._names.get(sighting.key))
