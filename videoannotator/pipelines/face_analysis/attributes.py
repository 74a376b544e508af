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
_FACERES_INPUT = 224
_BATCH = 4
"""Measured on a processor, eight faces in one batch take a third longer than one by one; up to four it is the same."""

Emotions = NDArray[np.float32]
"""n x 7: probability of each of `videoannotator.emotions.EMOTIONS`."""


class EmotionReader:
    """Mini-Xception trained on FER2013, from oarriaga/face_classification: 64 x 64 grey pixels, -1..1."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, image: Image, boxes: Boxes) -> Emotions:
        """Return the emotions of the faces in ``boxes``, of which there is at least one."""
        crops = _crops(image, boxes, _EMOTION_INPUT)
        grey = np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops])[..., None]
        [chances] = _run(self._model, grey.astype(np.float32) / 127.5 - 1)
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class FaceAttributes:
    """Age, gender and embeddings of n faces."""

    ages: NDArray[np.float32]
    """n, years."""
    male: NDArray[np.float32]
    """n, probability 0..1."""
    embeddings: NDArray[np.float32]
    """n x 1024, each of length 1."""


class AttributeReader:
    """FaceRes, from HSE-asavchenko/HSE_FaceRec_tf: 224 x 224 RGB pixels, 0..255."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, image: Image, boxes: Boxes) -> FaceAttributes:
        """Return what the faces in ``boxes``, of which there is at least one, look like."""
        crops = np.stack(_crops(image, boxes, _FACERES_INPUT)).astype(np.float32)
        outputs = {output.shape[1]: output for output in _run(self._model, crops)}
        male, ages, embeddings = outputs[1], outputs[100], outputs[1024]
        # The most probable year jumps between a few favourites; the mean of all years, weighted, does not.
        years = ages @ np.arange(100, dtype=np.float32) / ages.sum(axis=1)
        lengths = np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
        return FaceAttributes(years, male[:, 0], np.asarray(embeddings / lengths))


def _run(model: Model, faces: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    batches = [model.run(faces[start : start + _BATCH]) for start in range(0, len(faces), _BATCH)]
    return [np.concatenate(parts) for parts in zip(*batches, strict=True)]


def _crops(image: Image, boxes: Boxes, side: int) -> list[Image]:
    """Return each of ``boxes`` as a square of ``side`` x ``side`` pixels."""
    return [_scaled(_square(image, box), side) for box in boxes]


def _square(image: Image, box: NDArray[np.float32]) -> Image:
    """Return a square around ``box``, as long as its longer side: faces are tall, and are not to be made wider.

    Where the square leaves the frame, the frame's edge goes on: a black bar would look like hair or a shadow.
    """
    height, width = image.shape[:2]
    side = max(1, round(float(np.max(box[2:] - box[:2]))))
    left, top = (int(edge) for edge in np.rint((box[:2] + box[2:] - side) / 2))
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    return image[rows[:, None], columns]


def _scaled(square: Image, side: int) -> Image:
    method = cv2.INTER_AREA if square.shape[0] > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (side, side), interpolation=method), np.uint8)
