"""Finding the joints of one person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import COCO_KEYPOINTS
from videoannotator.media.frame import Image
from videoannotator.models.sessions import Model

_INPUT = 256
_MARGIN = 1.25

Joints = NDArray[np.float32]
"""17 x 3: x and y in pixels, score 0..1; a joint that was not seen is a row of zeros."""


class PoseEstimator:
    """MoveNet SinglePose Thunder (Google): 17 COCO keypoints of the person in the middle of a square image."""

    def __init__(self, model: Model, threshold: float) -> None:
        """``threshold``: a keypoint with a lower score counts as not seen."""
        self._model = model
        self._threshold = threshold

    def estimate(self, image: Image, box: NDArray[np.float32]) -> Joints:
        """Return the joints of the person in ``box`` (left, top, right, bottom in pixels of ``image``)."""
        crop, scale, origin = _square(image, box)
        rows = self._model.run(crop[None].astype(np.int32))[0].reshape(len(COCO_KEYPOINTS), 3)
        points = np.column_stack([rows[:, 1::-1] * _INPUT / scale + origin, rows[:, 2]]).astype(np.float32)
        height, width = image.shape[:2]
        inside = (points[:, :2] >= 0).all(axis=1) & (points[:, 0] <= width) & (points[:, 1] <= height)
        points[~(inside & (points[:, 2] >= self._threshold))] = 0
        return points


def _square(image: Image, box: NDArray[np.float32]) -> tuple[Image, float, NDArray[np.float32]]:
    """Cut a square around ``box``, black where it leaves the frame.

    Returns the 256 x 256 crop, its pixels per pixel of the frame, and the point in the frame of its top left corner.
    """
    height, width = image.shape[:2]
    side = max(8, round(float(np.max(box[2:] - box[:2])) * _MARGIN))
    left, top = (int(edge) for edge in np.rint((box[:2] + box[2:] - side) / 2))
    inner = image[max(top, 0) : min(top + side, height), max(left, 0) : min(left + side, width)]
    square = np.zeros((side, side, 3), np.uint8)
    y, x = max(-top, 0), max(-left, 0)
    square[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    method = cv2.INTER_AREA if side > _INPUT else cv2.INTER_LINEAR
    crop = np.asarray(cv2.resize(square, (_INPUT, _INPUT), interpolation=method), np.uint8)
    return crop, _INPUT / side, np.asarray([left, top], np.float32)
