"""Record classes as plugins bring them, with what they could find in a small made-up video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from videoannotator.annotations import BoundingBox
from videoannotator.record_types import (
    Arrow,
    CocoCategory,
    Degrees,
    Digits,
    FrameType,
    IntervalType,
    JsonOnly,
    Pixels,
    RecordType,
    Score,
    Seconds,
)


@dataclass(frozen=True, slots=True)
class Point:
    x: Pixels
    y: Pixels


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in one frame."""

    record_type: ClassVar[RecordType] = FrameType(
        name="hand",
        noun="hand",
        plural="hands",
        label="shape",
        label_colours={"fist": (250, 10, 20)},
        coco=CocoCategory("hand", "person"),
        points=("wrist",),
        arrows=(Arrow("wrist", "tip"),),
    )

    frame: int
    time: Seconds
    track_id: int | None
    box: BoundingBox
    score: Score
    wrist: Point
    angle: Degrees | None
    shape: Literal["fist", "open"] | None
    sure: bool
    embedding: Annotated[tuple[float, ...], JsonOnly()] = ()

    @property
    def tip(self) -> Point:
        return Point(self.wrist.x + 30, self.wrist.y)


@dataclass(frozen=True, slots=True)
class Light:
    """How bright one frame is: no identity, no box."""

    record_type: ClassVar[RecordType] = FrameType(name="light", noun="light", plural="lights", label="level")

    frame: int
    time: Seconds
    mean: Annotated[float, Digits(1)]
    level: str


@dataclass(frozen=True, slots=True)
class Gesture:
    """A movement of the hands that lasts for a while."""

    record_type: ClassVar[RecordType] = IntervalType(
        name="gesture", noun="gesture", plural="gestures", label="kind", suffix="_gestures"
    )

    start: Seconds
    end: Seconds
    kind: str


def hand(time: float, track: int | None = 1, shape: Literal["fist", "open"] | None = "fist") -> Hand:
    box = BoundingBox(50.126, 40.0, 60.0, 80.0)
    return Hand(round(time * 25), time, track, box, 0.91234, Point(70.0, 60.0), 12.345, shape, True, (0.5,))
