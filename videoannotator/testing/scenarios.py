"""Clips of which it is known where people and their faces are, and where the cuts are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from videoannotator.annotations import BoundingBox
from videoannotator.media.frame import Image
from videoannotator.testing import demo_clip
from videoannotator.testing.pictures import photograph, texture
from videoannotator.testing.videos import write_video

FACES = {"astronaut": BoundingBox(180, 70, 90, 108), "photographer": BoundingBox(200, 122, 56, 74)}
"""The faces in scikit-image's photographs, from hairline to chin, measured by eye; the second is seen from the side."""

PERSONS = {"astronaut": BoundingBox(20, 14, 342, 498), "photographer": BoundingBox(0, 64, 330, 448)}
"""The people in them."""

_PHOTOGRAPH = 512
"""Pixels of each side of the photographs."""

Boxes = Callable[[int], Mapping[str, BoundingBox]]
"""Returns the boxes in a frame, each under the name of whose it is."""


@dataclass(frozen=True)
class Scenario:
    """A clip and what is true of it."""

    name: str
    write: Callable[[Path], Path]
    persons: Boxes
    faces: Boxes
    cuts: tuple[int, ...]
    """Frames with which a new scene starts."""


def demo() -> Scenario:
    """Return the clip of the demo: two people who walk slowly, one of them seen from the side."""
    people = demo_clip.people()

    def persons(frame: int) -> dict[str, BoundingBox]:
        there = people if frame < demo_clip.PEOPLE_FRAMES else ()
        return {person.name: person.box(frame) for person in there}

    def faces(frame: int) -> dict[str, BoundingBox]:
        return {name: _face(name, box) for name, box in persons(frame).items()}

    return Scenario("demo clip", demo_clip.write_demo_clip, persons, faces, demo_clip.CUTS)


def mirrored_pair() -> Scenario:
    """Return a clip of 30 frames a second in which two mirrored people approach each other, with two cuts."""
    width, height, scale, length = 960, 540, 0.8, 90
    right = np.asarray(cv2.resize(photograph("astronaut"), None, fx=scale, fy=scale), np.uint8)
    left = np.ascontiguousarray(right[:, ::-1])
    side = right.shape[0]
    walls = [cv2.GaussianBlur(texture(seed, width, height), (61, 61), 0) for seed in (4, 5)]
    still = np.asarray(cv2.resize(photograph("coffee"), (width, height)), np.uint8)

    def places(frame: int) -> list[tuple[int, int]]:
        step = frame % length
        return [(step // 2, height - side), (width - side - step // 2, height - side)]

    def picture(frame: int) -> Image:
        scene = frame // length
        if scene == 1:
            return still
        image = np.asarray(walls[scene // 2], np.uint8).copy()
        for (x, y), person in zip(places(frame), (right, left), strict=True):
            image[y : y + side, x : x + side] = person
        return image

    def boxes(frame: int, part: BoundingBox) -> dict[str, BoundingBox]:
        scene = frame // length
        if scene == 1:
            return {}
        # After three seconds out of sight they are taken for others, as they should be.
        return {
            f"{side_of} in scene {scene}": BoundingBox(
                x + box.x * scale, y + box.y * scale, box.width * scale, box.height * scale
            )
            for side_of, (x, y), box in zip(("left", "right"), places(frame), (part, _mirrored(part)), strict=True)
        }

    return Scenario(
        "mirrored pair",
        lambda path: write_video(path, (picture(frame) for frame in range(3 * length)), rate=30),
        lambda frame: boxes(frame, PERSONS["astronaut"]),
        lambda frame: boxes(frame, FACES["astronaut"]),
        (length, 2 * length),
    )


def _mirrored(box: BoundingBox) -> BoundingBox:
    return BoundingBox(_PHOTOGRAPH - box.x - box.width, box.y, box.width, box.height)


def _face(name: str, person: BoundingBox) -> BoundingBox:
    """Return where the face is of a person who was cut out of a photograph along `PERSONS`."""
    face, origin = FACES[name], PERSONS[name]
    scale = person.height / origin.height
    return BoundingBox(
        person.x + (face.x - origin.x) * scale,
        person.y + (face.y - origin.y) * scale,
        face.width * scale,
        face.height * scale,
    )
