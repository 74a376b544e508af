"""A handful of small pictures, kept while the video is decoded so that a preview needs no second decoding."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from videoannotator.media.frame import Frame, Image

THUMBNAIL_WIDTH = 480
THUMBNAIL_HEIGHT = 360

_KEPT = 48


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a frame."""

    index: int
    time: float
    scale: float
    """Pixels of the copy per pixel of the frame."""
    image: Image


class Thumbnails:
    """Pictures spread evenly over a video of unknown length, and pictures of moments that were pointed out.

    Holds at most 96 of each kind, about 50 MB: when one kind is full, every other picture goes and only every other
    candidate is taken from then on.
    """

    def __init__(self) -> None:
        self._even = _Shelf()
        self._notable = _Shelf()

    def add(self, frame: Frame, notable: bool = False) -> None:
        """Consider ``frame``. ``notable`` frames compete only with each other."""
        shelves = (self._even, self._notable) if notable else (self._even,)
        wanting = [shelf for shelf in shelves if shelf.wants()]
        if wanting:
            picture = _small(frame)
            for shelf in wanting:
                shelf.pictures.append(picture)

    @property
    def pictures(self) -> list[Thumbnail]:
        """Every picture kept, once, in the order of their times."""
        both = {picture.index: picture for picture in (*self._even.pictures, *self._notable.pictures)}
        return [both[index] for index in sorted(both)]


class _Shelf:
    """Takes every n-th candidate; n doubles when the shelf is full."""

    def __init__(self) -> None:
        self.pictures: list[Thumbnail] = []
        self._stride = 1
        self._count = 0

    def wants(self) -> bool:
        """Whether the next candidate is to be added; call once for each candidate."""
        if len(self.pictures) >= 2 * _KEPT:
            self.pictures = self.pictures[::2]
            self._stride *= 2
        wanted = self._count % self._stride == 0
        self._count += 1
        return wanted


def _small(frame: Frame) -> Thumbnail:
    height, width = frame.image.shape[:2]
    scale = min(THUMBNAIL_WIDTH / width, THUMBNAIL_HEIGHT / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # A copy even when nothing is scaled: the frame's memory may be used again.
    image = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA) if scale < 1 else frame.image.copy()
    return Thumbnail(frame.index, frame.time, scale, np.asarray(image, np.uint8))
