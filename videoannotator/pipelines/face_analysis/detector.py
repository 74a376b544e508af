"""Finding faces in one frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import FACE_LANDMARKS
from videoannotator.media.frame import Image
from videoannotator.models.sessions import Model
from videoannotator.pipelines.face_analysis.faces import Faces, Selection

_LONGEST = 960
_STEP = 32
_STRIDE = 4
_CANDIDATES = 500


class FaceDetector:
    """CenterFace (Xu et al., 2019), from Star-Clouds/CenterFace.

    Its input is the whole frame, RGB, 0..255, stretched a little to sides that are multiples of 32 and made smaller
    if the longer one exceeds 960 pixels. For each 4 x 4 pixels of it the net says how likely the middle of a face lies
    there, how large that face is, where in the 4 x 4 pixels its middle lies, and where its five points are.
    """

    def __init__(self, model: Model, selection: Selection) -> None:
        self._model = model
        self._selection = selection

    def detect(self, image: Image) -> Faces:
        """Return the faces in ``image`` (height x width x 3, RGB)."""
        height, width = image.shape[:2]
        columns, rows = _input_size(width, height)
        method = cv2.INTER_AREA if columns < width else cv2.INTER_LINEAR
        scaled = np.asarray(cv2.resize(image, (columns, rows), interpolation=method), np.float32)
        outputs = self._model.run(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None]))
        scale = np.asarray([width / columns, height / rows], np.float32)
        found = _decoded(outputs, self._selection.confidence)
        return self._selection.of(
            Faces(found.boxes * np.tile(scale, 2), found.scores, found.landmarks * scale), width, height
        )


def _input_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the net's input for a frame."""
    scale = min(1.0, _LONGEST / max(width, height))
    columns, rows = (max(1, -(-round(side * scale) // _STEP)) * _STEP for side in (width, height))
    return columns, rows


def _decoded(outputs: list[NDArray[np.float32]], confidence: float) -> Faces:
    """Return every face that the net's four maps tell of, in pixels of its input, the most certain first.

    The maps, each 1 x channels x rows x columns: likelihood (1), logarithm of height and width (2), offset of the
    middle down and to the right (2), and the points, each down and to the right, in parts of the box (10).
    """
    heat, size, offset, points = (output[0] for output in outputs)
    rows, columns = np.nonzero(heat[0] >= confidence)
    best = np.argsort(-heat[0, rows, columns], kind="stable")[:_CANDIDATES]
    rows, columns = rows[best], columns[best]
    sides = np.exp(size[::-1, rows, columns].T) * _STRIDE
    cells = np.column_stack([columns, rows])
    middles = (cells + offset[::-1, rows, columns].T + 0.5) * _STRIDE
    corners = middles - sides / 2
    boxes = np.column_stack([corners, corners + sides]).astype(np.float32)
    parts = points[:, rows, columns].T.reshape(-1, len(FACE_LANDMARKS), 2)[..., ::-1]
    landmarks = (parts * sides[:, None] + corners[:, None]).astype(np.float32)
    return Faces(boxes, heat[0, rows, columns], landmarks)
