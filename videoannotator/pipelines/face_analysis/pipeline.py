"""Face analysis: detector, tracker and attributes, one frame after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import EMOTIONS, BoundingBox, FaceObservation, Gender
from videoannotator.media.frame import Frame, Image
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.boxes import Boxes
from videoannotator.pipelines.face_analysis.attributes import EmotionReader, LooksReader
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.detector import FaceDetector
from videoannotator.pipelines.sightings import Observations
from videoannotator.pipelines.tracking import Tracker, usual_rate


class FaceAnalysis:
    """Finds faces, follows them, and reads them."""

    def __init__(self, config: FaceAnalysisConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for. Raises ModelMissingError or ModelCorruptError."""
        self._config = config
        self._detector = FaceDetector(
            sessions.get("centerface"),
            config.confidence_threshold,
            config.iou_threshold,
            config.min_face_size,
            config.max_faces,
        )
        looks = config.detect_age or config.detect_gender or config.descriptors
        self._emotions = EmotionReader(sessions.get("emotion")) if config.detect_emotions else None
        self._looks = LooksReader(sessions.get("faceres")) if looks else None
        rate = usual_rate(config.frames_per_second, info)
        self._tracker = (
            Tracker(rate, config.confidence_threshold, config.lost_track_seconds) if config.tracking else None
        )
        self._sightings: list[_Sighting] = []

    @property
    def rate(self) -> float | None:
        """Frames per second of video to look at; None for every frame."""
        return self._config.frames_per_second

    @property
    def warnings(self) -> Sequence[str]:
        """Whether no face was found."""
        return () if self._sightings else ("No face was found in this video.",)

    def process(self, frame: Frame) -> bool:
        """Find and read the faces in ``frame``."""
        faces = self._detector.detect(frame.image)
        keys = self._tracker.update(faces.boxes, faces.scores, frame.time) if self._tracker else [-1] * len(faces)
        traits = self._read(frame.image, faces.boxes) if len(faces) else []
        for index, (key, face) in enumerate(zip(keys, traits, strict=True)):
            box, score, points = faces.boxes[index], float(faces.scores[index]), faces.landmarks[index]
            self._sightings.append(_Sighting(frame.index, frame.time, key, box, score, points, face))
        return False

    def finish(self) -> Sequence[FaceObservation]:
        """Return every face seen, frame by frame, the most certain first."""
        return Observations.identified(self._sightings, self._config.min_track_frames)

    def _read(self, image: Image, boxes: Boxes) -> list[_Traits]:
        """Return what was asked for about each of the faces in ``boxes``, all of them in one go."""
        emotions = self._emotions.read(image, boxes) if self._emotions else None
        looks = self._looks.read(image, boxes) if self._looks else None
        return [
            _Traits(
                None if emotions is None else emotions[index],
                float(looks.ages[index]) if looks and self._config.detect_age else None,
                float(looks.male[index]) if looks and self._config.detect_gender else None,
                looks.descriptors[index] if looks and self._config.descriptors else None,
            )
            for index in range(len(boxes))
        ]


@dataclass(frozen=True, slots=True)
class _Traits:
    """What one face looks like."""

    emotions: NDArray[np.float32] | None
    age: float | None
    male: float | None
    descriptor: NDArray[np.float32] | None

    @property
    def gender(self) -> Gender | None:
        if self.male is None:
            return None
        return Gender("male", self.male) if self.male > 0.5 else Gender("female", 1 - self.male)


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A face in the little memory that hours of video need."""

    frame: int
    time: float
    key: int
    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]
    traits: _Traits

    def observation(self, track_id: int | None) -> FaceObservation:
        left, top, right, bottom = (float(side) for side in self.box)
        face = self.traits
        return FaceObservation(
            self.frame,
            self.time,
            track_id,
            BoundingBox(left, top, right - left, bottom - top),
            self.score,
            tuple((float(x), float(y)) for x, y in self.landmarks),
            None if face.emotions is None else dict(zip(EMOTIONS, map(float, face.emotions), strict=True)),
            face.age,
            face.gender,
            None if face.descriptor is None else tuple(map(float, face.descriptor)),
        )
