"""The clip of the demo: two real people who move along known paths, cuts at known frames, and a real conversation.

The people are cut out of public-domain photographs that scikit-image ships, so that real models find them; where they
are in each frame is known exactly. What is said, by whom and when is known too; it is not the people in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import BoundingBox
from videoannotator.media.frame import Image
from videoannotator.testing.pictures import photograph
from videoannotator.testing.speech import Speech, telephone_call
from videoannotator.testing.videos import write_video

WIDTH, HEIGHT, RATE = 854, 480, 25
PEOPLE_FRAMES, STILL_FRAMES = 200, 50
CUTS = (PEOPLE_FRAMES, PEOPLE_FRAMES + STILL_FRAMES)
"""Frames with which a new scene starts."""
FRAMES = PEOPLE_FRAMES + 2 * STILL_FRAMES

_CALL_BEGINS = 6.0
"""Seconds of the telephone call that are left out."""

_SOFT_EDGE = 5
# Outlines in the pixels of the photographs, clockwise from the top of the head.
_ASTRONAUT = (
    (225, 14), (262, 24), (290, 45), (302, 78), (298, 108), (280, 125), (272, 150), (262, 176), (285, 196), (304, 235),
    (325, 245), (345, 268), (358, 310), (362, 348), (320, 362), (290, 400), (278, 450), (282, 512), (28, 512),
    (20, 400), (30, 330), (42, 270), (75, 240), (110, 215), (118, 180), (140, 155), (185, 148), (172, 118), (155, 100),
    (153, 75), (165, 48), (190, 25),
)  # fmt: skip
_PHOTOGRAPHER = (
    (205, 64), (245, 72), (270, 105), (268, 130), (322, 140), (330, 185), (320, 215), (295, 245), (285, 290),
    (245, 312), (205, 300), (170, 345), (145, 395), (152, 512), (0, 512), (0, 255), (30, 210), (55, 165), (95, 130),
    (150, 106), (165, 80),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A cut-out person with the transparency of each pixel, and the way it goes."""

    name: str
    pixels: Image
    opacity: NDArray[np.float32]
    start: float
    end: float

    def left(self, frame: int) -> int:
        """Return the left edge in ``frame``: a slow walk from start to end and back."""
        part = (1 - math.cos(2 * math.pi * frame / PEOPLE_FRAMES)) / 2
        return round(self.start + part * (self.end - self.start))

    def box(self, frame: int) -> BoundingBox:
        """Return where the person is in ``frame``; people stand on the lower edge of the picture."""
        height, width = self.opacity.shape
        return BoundingBox(self.left(frame), HEIGHT - height, width, height)


def people() -> tuple[Person, ...]:
    """Return the people of the clip."""
    return (
        _cut_out("astronaut", photograph("astronaut"), _ASTRONAUT, 0.75, (30, 230)),
        _cut_out("photographer", _grey("camera"), _PHOTOGRAPHER, 0.78, (560, 470)),
    )


def speech() -> Speech:
    """Return what is heard in the clip: two women who greet each other."""
    return telephone_call().cut(_CALL_BEGINS, _CALL_BEGINS + FRAMES / RATE)


def write_demo_clip(path: Path) -> Path:
    """Write the clip and return its path."""
    return write_video(path, _frames(people()), rate=RATE, audio=speech().audio)


def _frames(cast: Sequence[Person]) -> Iterator[Image]:
    room = _backdrop(_grey("gravel"))
    for frame in range(PEOPLE_FRAMES):
        picture = room.copy()
        for person in cast:
            _place(picture, person, frame)
        yield picture
    for still in ("coffee", "rocket"):
        picture = _resized(photograph(still), WIDTH, HEIGHT)
        for _ in range(STILL_FRAMES):
            yield picture


def _cut_out(
    name: str, photo: Image, outline: Sequence[tuple[int, int]], scale: float, way: tuple[float, float]
) -> Person:
    mask = np.zeros(photo.shape[:2], np.float32)
    cv2.fillPoly(mask, [np.array(outline, np.int32)], 1.0)
    left, top, width, height = cv2.boundingRect(np.array(outline, np.int32))
    area = np.s_[top : top + height, left : left + width]
    soft = cv2.GaussianBlur(mask, (_SOFT_EDGE, _SOFT_EDGE), 0)[area]
    size = (round(width * scale), round(height * scale))
    opacity = np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA), np.float32)
    return Person(name, _resized(photo[area], *size), opacity, *way)


def _resized(image: Image, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _place(picture: Image, person: Person, frame: int) -> None:
    height, width = person.opacity.shape
    left = person.left(frame)
    area = picture[HEIGHT - height :, left : left + width]
    opacity = person.opacity[:, :, None]
    area[:] = (person.pixels * opacity + area * (1 - opacity)).astype(np.uint8)


def _backdrop(texture: Image) -> Image:
    """Return a quiet wall: a texture, blurred and tinted, lighter at the top."""
    wall = cv2.GaussianBlur(cv2.resize(texture, (WIDTH, HEIGHT)), (31, 31), 0).astype(np.float32)
    light = np.linspace(1.15, 0.75, HEIGHT, dtype=np.float32)[:, None, None]
    tint = np.array([0.95, 1.05, 1.15], np.float32)
    lit: Image = np.clip((wall * 0.5 + 90) * light * tint, 0, 255).astype(np.uint8)
    return lit


def _grey(name: str) -> Image:
    """Return one of scikit-image's grey photographs with three channels."""
    from skimage import data

    return np.repeat(np.asarray(getattr(data, name)(), np.uint8)[:, :, None], 3, axis=2)
