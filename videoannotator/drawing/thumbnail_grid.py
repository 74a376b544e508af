"""Small pictures with captions, side by side in a grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import cv2
import numpy as np

from videoannotator.annotations import FrameRecord, Scene
from videoannotator.drawing import canvas
from videoannotator.drawing.boxes import BoxLayer
from videoannotator.drawing.colours import FAINT, PANEL, Colours
from videoannotator.drawing.header import counted
from videoannotator.drawing.text import fitted, text_width, write
from videoannotator.drawing.timeline_chart import display_time
from videoannotator.media.frame import Image
from videoannotator.results.result import Result
from videoannotator.results.thumbnails import THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH, Thumbnail

GAP = 12
_TILES = 12
_CAPTION = 26
_USUAL_WIDTH = 400


class ThumbnailGrid:
    """Makes the pictures of a sheet whose inner width is ``width`` pixels."""

    def __init__(self, width: int, colours: Colours) -> None:
        self._width = width
        self._colours = colours

    def marked(self, result: Result) -> list[Image]:
        """Return pictures from all over the video with what was seen in them."""
        declared = result.record.record_type
        pictured = {picture.index for picture in result.thumbnails.pictures}
        by_frame: dict[int, list[FrameRecord]] = defaultdict(list)
        # Only what can be shown: all the records of hours of video would not fit into memory.
        for seen in cast("Sequence[FrameRecord]", result.records):
            if seen.frame in pictured:
                by_frame[seen.frame].append(seen)
        tiles = []
        for picture in _spread(result.thumbnails.pictures, lambda each: len(by_frame.get(each.index, ()))):
            image, scale = self._enlarged(picture)
            present = by_frame.get(picture.index, [])
            boxes = BoxLayer(image, scale, self._colours)
            boxes.draw(present)
            boxes.label()
            count = counted(len(present), declared.noun, declared.plural)
            tiles.append(_captioned(image, display_time(picture.time), count))
        return tiles

    def scenes(self, result: Result) -> list[Image]:
        """Return the first picture of scenes from all over the video."""
        tiles = []
        for scene in _sample(cast("Sequence[Scene]", result.records)):
            first = next((each for each in result.thumbnails.pictures if scene.start_frame <= each.index), None)
            if first is not None and first.index < scene.end_frame:
                left = f"{scene.name}    {display_time(scene.start)} – {display_time(scene.end)}"
                tiles.append(_captioned(self._enlarged(first)[0], left, f"{scene.end - scene.start:.1f} s"))
        return tiles

    def grid(self, tiles: Sequence[Image]) -> Image:
        """Return ``tiles`` in rows."""
        columns = min(len(tiles), self._columns(tiles[0].shape[1]))
        height, width = (max(tile.shape[side] for tile in tiles) for side in (0, 1))
        rows = -(-len(tiles) // columns)
        sheet = canvas.blank(columns * (width + GAP) - GAP, rows * (height + GAP) - GAP)
        for number, tile in enumerate(tiles):
            top, left = (number // columns) * (height + GAP), (number % columns) * (width + GAP)
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
        return sheet

    def _enlarged(self, picture: Thumbnail) -> tuple[Image, float]:
        """Return the picture at the size of a tile, and its pixels per pixel of the frame."""
        height, width = picture.image.shape[:2]
        full = THUMBNAIL_WIDTH if width >= height else round(THUMBNAIL_HEIGHT * width / height)
        tile = (self._width + GAP) // self._columns(full) - GAP
        factor = tile / width
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        image = cv2.resize(picture.image, (tile, max(1, round(height * factor))), interpolation=method)
        return np.asarray(image, np.uint8), picture.scale * factor

    def _columns(self, width: int) -> int:
        """Return how many tiles of about ``width`` stand side by side."""
        return max(1, round((self._width + GAP) / (min(width, _USUAL_WIDTH) + GAP)))


def _spread(pictures: Sequence[Thumbnail], worth: Callable[[Thumbnail], int]) -> list[Thumbnail]:
    """Return up to twelve pictures: the first of the most worth from each twelfth of them."""
    count = min(_TILES, len(pictures))
    edges = [round(part * len(pictures) / count) for part in range(count + 1)] if count else []
    return [max(pictures[start:end], key=worth) for start, end in pairwise(edges)]


def _sample(scenes: Sequence[Scene]) -> list[Scene]:
    if len(scenes) <= _TILES:
        return list(scenes)
    return [scenes[round(part * (len(scenes) - 1) / (_TILES - 1))] for part in range(_TILES)]


def _captioned(image: Image, left: str, right: str) -> Image:
    strip = canvas.blank(image.shape[1], _CAPTION, PANEL)
    start = strip.shape[1] - 8 - text_width(right, 14)
    write(strip, fitted(left, start - 16, 14, bold=True), 8, 18, 14, bold=True)
    write(strip, right, start, 18, 14, FAINT)
    return np.vstack([image, strip])
