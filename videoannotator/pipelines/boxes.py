"""Geometry of boxes: overlap, duplicates, and boxes that swallow two people.

A box is a row of four numbers: left, top, right, bottom, in any one unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
Scores = NDArray[np.float32]

_INSIDE = 0.85
_COVERED = 0.75
_DISTINCT = 0.2


def areas(boxes: Boxes) -> NDArray[np.float32]:
    """Return the area of each of ``boxes`` (n x 4); a box turned inside out has none."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1])


def intersections(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Return the common area of each of ``first`` (n x 4) with each of ``second`` (m x 4), n x m."""
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.clip(bottom_right - top_left, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1])


def iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Return the intersection over union, 0..1, of each of ``first`` with each of ``second``, n x m."""
    common = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0))


def nms(boxes: Boxes, scores: Scores, threshold: float) -> NDArray[np.intp]:
    """Return the indices of the boxes to keep, best first: none overlaps a better one by more than ``threshold``.

    Greedy non-maximum suppression. Equal scores keep the order of ``boxes``.
    """
    order = np.argsort(-scores, kind="stable")
    overlap = iou(boxes, boxes)
    kept: list[int] = []
    for index in order:
        if all(overlap[index, better] <= threshold for better in kept):
            kept.append(int(index))
    return np.asarray(kept, dtype=np.intp)


def without_merged(boxes: Boxes, scores: Scores) -> NDArray[np.intp]:
    """Return the indices of the boxes that do not merge two people, in their order.

    A detector sometimes adds a box around two people who are close together. Such a box holds two others that stand
    side by side, hardly overlap, are as certain as itself by half, and together fill it.
    """
    inside = intersections(boxes, boxes) / np.maximum(areas(boxes)[:, None], 1e-9)
    overlap = iou(boxes, boxes)
    merged = [
        index
        for index in range(len(boxes))
        if _merges_two(
            index, [int(i) for i in np.flatnonzero(inside[:, index] >= _INSIDE) if i != index], boxes, scores, overlap
        )
    ]
    return np.setdiff1d(np.arange(len(boxes)), np.asarray(merged, dtype=np.intp))


def _merges_two(outer: int, inner: list[int], boxes: Boxes, scores: Scores, overlap: NDArray[np.float32]) -> bool:
    size = areas(boxes)
    for position, one in enumerate(inner):
        for other in inner[position + 1 :]:
            side_by_side = boxes[one, 0] >= _centre(boxes[other]) or boxes[other, 0] >= _centre(boxes[one])
            certain = min(scores[one], scores[other]) >= scores[outer] / 2
            distinct = overlap[one, other] <= _DISTINCT
            fills = size[one] + size[other] >= _COVERED * size[outer]
            if side_by_side and certain and distinct and fills:
                return True
    return False


def _centre(box: NDArray[np.float32]) -> float:
    return float(box[0] + box[2]) / 2
