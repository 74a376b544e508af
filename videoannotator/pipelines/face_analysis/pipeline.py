"""Face analysis: find, follow and read faces, one frame after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import EMOTIONS, BoundingBox, FaceObservation
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.faces import FaceAttributes, FaceBackend, Selection
from videoannotator.pipelines.face_analysis.onnx_backend import LightBackend
from videoannotator.pipelines.tracked_detections import Observations
from videoannotator.pipelines.tracking import Tracker, usual_rate


class FaceAnalysis:
    """Finds faces, follows them, and reads them."""

    def __init__(self, config: FaceAnalysisConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._backend = _backend(config, sessions)
        rate = usual_rate(config.frames_per_second, info)
        self._tracker = (
            Tracker(rate, config.confidence_threshold, config.lost_track_seconds) if config.tracking else None
        )
        self._detections: list[_TrackedDetection] = []

    @property
    def rate(self) -> float | None:
        """Frames per second of video to look at; None for every frame."""
        return self._config.frames_per_second

    @property
    def warnings(self) -> Sequence[str]:
        """Whether no face was found."""
        return () if self._detections else ("No face was found in this video.",)

    def process(self, frame: Frame) -> bool:
        """Find and read the faces in ``frame``."""
        faces = self._backend.detect(frame.image)
        keys = self._tracker.update(faces.boxes, faces.scores, frame.time) if self._tracker else [-1] * len(faces)
        traits = self._backend.read(frame.image, faces) if len(faces) else []
        for index, (key, face) in enumerate(zip(keys, traits, strict=True)):
            box, score, points = faces.boxes[index], float(faces.scores[index]), faces.landmarks[index]
            self._detections.append(_TrackedDetection(frame.index, frame.time, key, box, score, points, face))
        return False

    def finish(self) -> Sequence[FaceObservation]:
        """Return every face seen, frame by frame, the most certain first."""
        return Observations.identified(self._detections, self._config.min_track_frames)


def _backend(config: FaceAnalysisConfig, sessions: ModelSource) -> FaceBackend:
    selection = Selection(config.confidence_threshold, config.iou_threshold, config.min_face_size, config.max_faces)
    if config.backend == "onnx":
        return LightBackend(config, selection, sessions)
    # Imported here, because it is slow and often not needed.
    from videoannotator.pipelines.face_analysis.deepface_backend import DeepFaceBackend

    return DeepFaceBackend(config, selection, sessions)


@dataclass(frozen=True, slots=True)
class _TrackedDetection:
    """A face in the little memory that hours of video need."""

    frame: int
    time: float
    key: int
    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]
    traits: FaceAttributes

    def observation(self, track_id: int | None) -> FaceObservation:
        left, top, right, bottom = (float(side) for side in self.box)
        face = self.traits
        known = ~np.isnan(self.landmarks).any(axis=1)
        points = self.landmarks[np.cumprod(known).astype(bool)]
        return FaceObservation(
            self.frame,
            self.time,
            track_id,
            BoundingBox(left, top, right - left, bottom - top),
            self.score,
            tuple((float(x), float(y)) for x, y in points),
            None if face.emotions is None else dict(zip(EMOTIONS, map(float, face.emotions), strict=True)),
            face.age,
            face.gender,
            None if face.embedding is None else tuple(map(float, face.embedding)),
        )
