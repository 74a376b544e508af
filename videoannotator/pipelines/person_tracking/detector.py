"""Finding people in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from videoannotator.media.frame import Image
from videoannotator.models.sessions import Model
from videoannotator.pipelines.boxes import Boxes, Scores, areas, nms, without_merged

_INPUT = 512
_PERSON = 0
_LEAST_AREA = 16.0


@dataclass(frozen=True, slots=True)
class Detections:
    """The people in one frame, the most certain first."""

    boxes: Boxes
    """n x 4: left, top, right, bottom in pixels, within the frame."""
    scores: Scores
    """n, 0..1."""

    def __len__(self) -> int:
        return len(self.scores)


class PersonDetector:
    """CenterNet trained on COCO (class 0), from 610265158/mobilenetv3_centernet.

    Its input is the whole frame squeezed to 512 x 512, RGB, 0..255.
    """

    def __init__(self, model: Model, confidence: float, overlap: float, limit: int) -> None:
        """``confidence``: least score; ``overlap``: above this two boxes are one person; ``limit``: most people."""
        self._model = model
        self._confidence = confidence
        self._overlap = overlap
        self._limit = limit

    def detect(self, image: Image) -> Detections:
        """Return the people in ``image`` (height x width x 3, RGB)."""
        height, width = image.shape[:2]
        squeezed = cv2.resize(image, (_INPUT, _INPUT), interpolation=cv2.INTER_AREA)
        rows = self._rows(self._model.run(squeezed[None].astype(np.float32)))
        rows = rows[(rows[:, 4] >= self._confidence) & (rows[:, 5] == _PERSON)]
        scale = np.asarray([width, height, width, height], np.float32) / _INPUT
        boxes = np.clip(rows[:, :4] * scale, 0, [width, height, width, height]).astype(np.float32)
        return self._select(boxes, rows[:, 4])

    @staticmethod
    def _rows(outputs: list[Boxes]) -> Boxes:
        """Return the 100 x 6 detections (x1 y1 x2 y2 score class); the other outputs are the heads they came from."""
        return next(output[0] for output in outputs if output.shape[-1] == 6)

    def _select(self, boxes: Boxes, scores: Scores) -> Detections:
        single = without_merged(boxes, scores)
        single = single[areas(boxes[single]) >= _LEAST_AREA]
        best = single[nms(boxes[single], scores[single], self._overlap)][: self._limit]
        return Detections(boxes[best], scores[best])
