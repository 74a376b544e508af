"""What a pipeline remembers of each detection, and the records that it becomes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import BoundingBox
from videoannotator.pipelines.tracking import identities

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class TrackedDetection(ABC, Generic[RecordT]):
    """A detection in one frame, in the little memory that hours of video need."""

    frame: int
    time: float
    key: int
    """The tracker's key of the identity; below 0 without one."""
    corners: NDArray[np.float32]
    """Left, top, right, bottom in pixels."""
    score: float

    @property
    def box(self) -> BoundingBox:
        """The box as records have it."""
        left, top, right, bottom = (float(side) for side in self.corners)
        return BoundingBox(left, top, right - left, bottom - top)

    @abstractmethod
    def record(self, track_id: int | None) -> RecordT:
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
        return detection.record(self._names.get(detection.key))
