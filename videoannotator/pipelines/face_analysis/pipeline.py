"""Face analysis: find, follow and read faces, one frame after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import FaceObservation
from videoannotator.emotions import EMOTIONS
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.faces import FaceAttributes, FaceBackend, Selection
from videoannotator.pipelines.face_analysis.onnx_backend import OnnxBackend
from videoannotator.pipelines.tracked_detections import TrackedDetection
from videoannotator.pipelines.tracking_pipeline import TrackingPipeline


class FaceAnalysis(TrackingPipeline[FaceObservation]):
    """Finds faces, follows them, and reads them."""

    def __init__(self, config: FaceAnalysisConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        super().__init__(config, info, "face")
        self._backend = _backend(config, sessions)

    def _detect(self, frame: Frame) -> Iterator[_Face]:
        faces = self._backend.detect(frame.image)
        keys = self._keys(frame, faces.boxes, faces.scores)
        attributes = self._backend.read(frame.image, faces) if len(faces) else []
        for index, (key, face) in enumerate(zip(keys, attributes, strict=True)):
            box, score, points = faces.boxes[index], float(faces.scores[index]), faces.landmarks[index]
            yield _Face(frame.index, frame.time, key, box, score, points, face)


def _backend(config: FaceAnalysisConfig, sessions: ModelSource) -> FaceBackend:
    selection = Selection(config.confidence_threshold, config.iou_threshold, config.min_face_size, config.max_faces)
    if config.backend == "onnx":
        return OnnxBackend(config, selection, sessions)
    # Imported here, because it is slow and often not needed.
    from videoannotator.pipelines.face_analysis.deepface_backend import DeepFaceBackend

    return DeepFaceBackend(config, selection, sessions)


@dataclass(frozen=True, slots=True)
class _Face(TrackedDetection[FaceObservation]):
    landmarks: NDArray[np.float32]
    attributes: FaceAttributes

    def record(self, track_id: int | None) -> FaceObservation:
        face = self.attributes
        known = ~np.isnan(self.landmarks).any(axis=1)
        points = self.landmarks[np.cumprod(known).astype(bool)]
        return FaceObservation(
            self.frame,
            self.time,
            track_id,
            self.box,
            self.score,
            tuple((float(x), float(y)) for x, y in points),
            None if face.emotions is None else dict(zip(EMOTIONS, map(float, face.emotions), strict=True)),
            face.age,
            face.gender,
            None if face.embedding is None else tuple(map(float, face.embedding)),
        )
