"""What a face looks like: emotion, age, gender, and numbers that describe it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.media.frame import Image
from videoannotator.models.sessions import Model
from videoannotator.pipelines.boxes import Boxes

_EMOTION_INPUT = 64
_EMOTION_MARGIN = 1.1
_FACERES_INPUT = 224
_FACERES_MARGIN = 1.0

Emotions = NDArray[np.float32]
"""n x 7: probability of each of `videoannotator.annotations.EMOTIONS`."""


class EmotionReader:
    """Mini-Xception trained on FER2013, from oarriaga/face_classification: 64 x 64 grey pixels, -1..1."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, image: Image, boxes: Boxes) -> Emotions:
        """Return the emotions of the faces in ``boxes``, of which there is at least one."""
        crops = [_scaled(crop, _EMOTION_INPUT) for crop in _crops(image, boxes, _EMOTION_MARGIN)]
        grey = np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops])[..., None]
        chances = self._model.run(grey.astype(np.float32) / 127.5 - 1)[0]
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Looks:
    """Age, gender and descriptors of n faces."""

    ages: NDArray[np.float32]
    """n, years."""
    male: NDArray[np.float32]
    """n, probability 0..1."""
    descriptors: NDArray[np.float32]
    """n x 1024, each of length 1."""


class LooksReader:
    """FaceRes, from HSE-asavchenko/HSE_FaceRec_tf: 224 x 224 RGB pixels, 0..255."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, image: Image, boxes: Boxes) -> Looks:
        """Return what the faces in ``boxes``, of which there is at least one, look like."""
        crops = [_scaled(crop, _FACERES_INPUT) for crop in _crops(image, boxes, _FACERES_MARGIN)]
        outputs = {output.shape[1]: output for output in self._model.run(np.stack(crops).astype(np.float32))}
        male, ages, descriptors = outputs[1], outputs[100], outputs[1024]
        # The most probable year jumps between a few favourites; the mean of all years, weighted, does not.
        years = ages @ np.arange(100, dtype=np.float32) / ages.sum(axis=1)
        lengths = np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-9)
        return Looks(years, male[:, 0], np.asarray(descriptors / lengths))


def _crops(image: Image, boxes: Boxes, margin: float) -> list[Image]:
    """Return a square around each of ``boxes``, ``margin`` times its longer side.

    Where a square leaves the picture, the picture's edge goes on: a black bar would look like hair or a shadow.
    """
    return [_square(image, box, margin) for box in boxes]


def _square(image: Image, box: NDArray[np.float32], margin: float) -> Image:
    height, width = image.shape[:2]
    side = max(1, round(float(np.max(box[2:] - box[:2])) * margin))
    left, top = (int(edge) for edge in np.rint((box[:2] + box[2:] - side) / 2))
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    return image[rows[:, None], columns]


def _scaled(square: Image, side: int) -> Image:
    method = cv2.INTER_AREA if square.shape[0] > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (side, side), interpolation=method), np.uint8)
