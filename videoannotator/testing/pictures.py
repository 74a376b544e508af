"""Pictures whose content is known: numbered frames, textured scenes, and photographs that move along known paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from videoannotator.media.frame import Image

_BITS = 16

Photograph = Literal["astronaut", "cat", "coffee", "rocket"]


def numbered(number: int, width: int = 64, height: int = 48) -> Image:
    """Return a picture that shows ``number`` as 16 black or white bars, which survive compression."""
    bits = [number >> bit & 1 for bit in reversed(range(_BITS))]
    bar_of_column = np.arange(width) * _BITS // width
    columns = np.array(bits, np.uint8)[bar_of_column] * np.uint8(255)
    return np.ascontiguousarray(np.broadcast_to(columns[None, :, None], (height, width, 3)))


def read_number(image: Image) -> int:
    """Return the number that `numbered` put into a picture, also after lossy compression."""
    width = image.shape[1]
    levels = image.mean(axis=(0, 2))
    bars = [levels[(np.arange(width) * _BITS // width) == bar].mean() > 127 for bar in range(_BITS)]
    return sum(1 << (_BITS - 1 - bar) for bar, white in enumerate(bars) if white)


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Image:
    """Return a picture of one RGB colour."""
    return np.full((height, width, 3), colour, np.uint8)


def corners(width: int = 64, height: int = 48) -> Image:
    """Return a picture whose quarters are red, green, blue and white, row by row, so that a turn of it shows."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (255, 0, 0)
    image[: height // 2, width // 2 :] = (0, 255, 0)
    image[height // 2 :, : width // 2] = (0, 0, 255)
    image[height // 2 :, width // 2 :] = (255, 255, 255)
    return image


def texture(seed: int, width: int = 160, height: int = 120) -> Image:
    """Return a coarse coloured texture; two seeds look like two scenes."""
    generator = np.random.default_rng(seed)
    tiles = generator.integers(0, 256, (8, 8, 3), np.uint8)
    tiles = (tiles // 2 + generator.integers(0, 128, (1, 1, 3), np.uint8)).astype(np.uint8)
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    return np.ascontiguousarray(tiles[rows][:, columns])


def cuts(scenes: Sequence[Image], lengths: Sequence[int]) -> Iterator[Image]:
    """Yield each scene for its number of frames: a hard cut lies before each but the first."""
    for scene, length in zip(scenes, lengths, strict=True):
        for _ in range(length):
            yield scene


def moving(subject: Image, background: Image, path: Callable[[int], tuple[int, int]], count: int) -> Iterator[Image]:
    """Yield ``count`` frames with the subject's top left corner at ``path(index)``; what lies outside is cut off."""
    for index in range(count):
        frame = background.copy()
        _paste(frame, subject, *path(index))
        yield frame


def photograph(name: Photograph) -> Image:
    """Return one of the public-domain photographs of scikit-image, which is a development dependency."""
    from skimage import data

    image: Image = np.asarray(getattr(data, "chelsea" if name == "cat" else name)(), np.uint8)
    return image


def _paste(frame: Image, subject: Image, x: int, y: int) -> None:
    height, width = frame.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + subject.shape[1], width), min(y + subject.shape[0], height)
    if left < right and top < bottom:
        frame[top:bottom, left:right] = subject[top - y : bottom - y, left - x : right - x]
