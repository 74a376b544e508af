"""What a pipeline remembers of each detection, and the records that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, overload

from videoannotator.pipelines.tracking import identities

RecordT = TypeVar("RecordT")
RecordT_co = TypeVar("RecordT_co", covariant=True)


class TrackedDetection(Protocol[RecordT_co]):
    """An observation in the little memory that hours of video need."""

    @property
    def key(self) -> int:
        """The tracker's key of the identity; below 0 without one."""

    def observation(self, track_id: int | None) -> RecordT_co:
        """Return the record, under the final identity."""


class Observations(Sequence[RecordT]):
    """Records that are made only when they are asked for: as objects they would take ten times the memory."""

    def __init__(self, detections: Sequence[TrackedDetection[RecordT]], names: Mapping[int, int]) -> None:
        """``names``: the track id of each key that has one."""
        self._detections = detections
        self._names = names

    @classmethod
    def identified(cls, detections: Sequence[TrackedDetection[RecordT]], least: int) -> Observations[RecordT]:
        """Return the records of ``detections``; an identity seen in fewer than ``least`` frames has no track id."""
        keys = (detection.key for detection in detections if detection.key >= 0)
        return cls(detections, identities(keys, least))

    def __len__(self) -> int:
        return len(self._detections)

    @overload
    def __getitem__(self, index: int) -> RecordT: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordT]: ...

    def __getitem__(self, index: int | slice) -> RecordT | Sequence[RecordT]:
        if isinstance(index, slice):
            return Observations(self._detections[index], self._names)
        detection = self._detections[index]
        return detection.observation(self._names.get(detection.key))
