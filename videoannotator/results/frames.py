"""Which frames of a video were looked at."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any


class Frames(Sequence[tuple[int, float]]):
    """Index and time of the frames that were looked at, in 16 bytes each."""

    def __init__(self) -> None:
        self._indices, self._times = array("q"), array("d")

    def append(self, index: int, time: float) -> None:
        """Remember one frame."""
        self._indices.append(index)
        self._times.append(time)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return list(zip(self._indices[position], self._times[position], strict=True))
        return self._indices[position], self._times[position]

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return zip(self._indices, self._times, strict=True)
