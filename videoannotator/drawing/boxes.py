"""Marking people and faces in a picture: boxes, skeletons, and labels that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation
from videoannotator.drawing import canvas
from videoannotator.drawing.colours import Colour, Colours
from videoannotator.media.frame import Image

_FULL_PERSON, _FULL_FACE = 120, 50
"""Heights in a picture of usual size from which a box is drawn with lines of full weight."""

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

    def people(self, people: Sequence[PersonObservation], noun: str = "") -> None:
        """Draw people; whoever comes first ends up on top. ``noun`` stands before their numbers."""
        for person in reversed(people):
            colour = self._colours.person(person.track_id)
            weight = self._weight(person.box, _FULL_PERSON)
            canvas.skeleton(self._image, person.keypoints, self._scale, colour, weight * self._unit)
            self._outline(person.box, colour, weight)
        self._tags += [
            self._tag(
                _name(noun, each.track_id),
                each.box,
                self._colours.person(each.track_id),
                self._weight(each.box, _FULL_PERSON),
            )
            for each in people
        ]

    def faces(self, faces: Sequence[FaceObservation], noun: str = "") -> None:
        """Draw faces and what they show."""
        for face in reversed(faces):
            self._outline(face.box, self._colours.face(face.track_id), self._weight(face.box, _FULL_FACE))
        for face in faces:
            text = " ".join(filter(None, (_name(noun, face.track_id), face.emotion)))
            weight = self._weight(face.box, _FULL_FACE)
            self._tags.append(self._tag(text, face.box, self._colours.face(face.track_id), weight))

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

    def _tag(self, text: str, box: BoundingBox, colour: Colour, weight: float) -> _Tag:
        left, top, right, bottom = (round(edge * self._scale) for edge in _edges(box))
        return _Tag(text, (left, top, right, bottom), colour, round((11 + 2 * weight) * self._unit))

    def _weight(self, box: BoundingBox, full: float) -> float:
        """Return how boldly to draw a box: 1 from the height ``full`` on, less when far away."""
        return float(np.clip(box.height * self._scale / (full * self._unit), 0.35, 1.0))


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
