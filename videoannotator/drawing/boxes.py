"""Marking what was seen in a picture: boxes, skeletons, arrows, and labels that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from videoannotator.annotations import BoundingBox, FrameRecord
from videoannotator.drawing import canvas
from videoannotator.drawing.colours import Colours
from videoannotator.media.frame import Image
from videoannotator.record_types import Colour, FrameType

_Place = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Tag:
    text: str
    box: _Place
    """Left, top, right and bottom of what it belongs to."""
    colour: Colour
    size: int


class BoxLayer:
    """Draws on ``image``, whose pixels are ``scale`` for each of the frame's. Labels come last, with `label`."""

    def __init__(self, image: Image, scale: float, colours: Colours, unit: float = 1.0) -> None:
        """``unit``: how many times as large as on a sheet of small pictures lines and letters are."""
        self._image = image
        self._scale = scale
        self._colours = colours
        self._unit = unit
        self._tags: list[_Tag] = []

    def draw(self, found: Sequence[FrameRecord], noun: str = "") -> None:
        """Draw records of one type as it declares; the first one ends up on top. ``noun`` stands before numbers."""
        for record in reversed(found):
            self._mark(record)
        for record in found:
            declared, track, box = _declared(record), getattr(record, "track_id", None), _box(record)
            text = " ".join(filter(None, (_name(noun, track), getattr(record, declared.label, None))))
            if box is not None:
                weight = self._weight(box, declared.full_height)
                self._tags.append(self._tag(text, box, self._colours.track(type(record), track), weight))

    def _mark(self, record: FrameRecord) -> None:
        declared, box = _declared(record), _box(record)
        colour = self._colours.track(type(record), getattr(record, "track_id", None))
        weight = 1.0 if box is None else self._weight(box, declared.full_height)
        if declared.skeleton:
            joints = getattr(record, declared.skeleton)
            canvas.skeleton(self._image, joints, self._scale, colour, weight * self._unit)
        if box is not None:
            self._outline(box, colour, weight)
        for arrow in declared.arrows:
            start, end = getattr(record, arrow.start), getattr(record, arrow.end)
            if start is not None and end is not None:
                canvas.arrow(self._image, self._place(start), self._place(end), colour, weight * self._unit)
        for point in (getattr(record, name) for name in declared.points):
            if point is not None:
                canvas.dot(self._image, self._place(point), weight * self._unit)

    def label(self) -> None:
        """Write the labels of everything drawn so far: over their boxes, or beside them where there is no room."""
        taken: list[_Place] = []
        for tag in self._tags:
            place = min(_places(tag, *self._image.shape[:2]), key=lambda each: _overlap(each, taken))
            taken.append(place)
            canvas.pill(self._image, tag.text, place[0], place[1], tag.colour, size=tag.size)
        self._tags.clear()

    def _outline(self, box: BoundingBox, colour: Colour, weight: float) -> None:
        left, top, right, bottom = (edge * self._scale for edge in _edges(box))
        canvas.frame_box(self._image, (left, top), (right, bottom), colour, weight * self._unit)

    def _place(self, point: Any) -> tuple[float, float]:
        return point.x * self._scale, point.y * self._scale

    def _tag(self, text: str, box: BoundingBox, colour: Colour, weight: float) -> _Tag:
        left, top, right, bottom = (round(edge * self._scale) for edge in _edges(box))
        return _Tag(text, (left, top, right, bottom), colour, round((11 + 2 * weight) * self._unit))

    def _weight(self, box: BoundingBox, full: float) -> float:
        """Return how boldly to draw a box: 1 from the height ``full`` on, less when far away."""
        return float(np.clip(box.height * self._scale / (full * self._unit), 0.35, 1.0))


def _declared(record: FrameRecord) -> FrameType:
    return cast("FrameType", record.record_type)


def _box(record: FrameRecord) -> BoundingBox | None:
    return getattr(record, "box", None)


def _edges(box: BoundingBox) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.width, box.y + box.height


def _name(noun: str, track_id: int | None) -> str:
    return f"{noun} {'?' if track_id is None else track_id}".strip()


def _places(tag: _Tag, height: int, width: int) -> Iterator[_Place]:
    """Yield where a label may stand in a picture, the best place first."""
    wide, high = canvas.pill_size(tag.text, tag.size)
    left, top, right, bottom = tag.box
    for x, y in (
        (left - 1, top - high),
        (right - wide + 1, top - high),
        (left - 1, bottom + 1),
        (right - wide + 1, bottom + 1),
        (left, top),
        (right + 1, top),
        (left - wide, top),
    ):
        x, y = min(max(x, 0), max(0, width - wide)), min(max(y, 0), max(0, height - high))
        yield x, y, x + wide, y + high


def _overlap(place: _Place, taken: Sequence[_Place]) -> int:
    """Return how many pixels of ``place`` are taken already."""
    return sum(
        max(0, min(place[2], other[2]) - max(place[0], other[0]))
        * max(0, min(place[3], other[3]) - max(place[1], other[1]))
        for other in taken
    )
