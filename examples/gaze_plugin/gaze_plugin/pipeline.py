"""Where faces point: the nose stands out from the plane of eyes and mouth, so it shifts when a head turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gaze_plugin.spec import Gaze, GazeConfig, Point, Target, Vector
from videoannotator.annotations import BoundingBox
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.face_analysis.detector import FaceDetector
from videoannotator.pipelines.face_analysis.faces import Selection
from videoannotator.pipelines.tracking import Tracker, identities, usual_rate

# Of an average adult face, in distances between the eyes.
EYES_TO_MOUTH = 1.15
NOSE_STANDS_OUT = 0.45
NOSE_BELOW_EYES = 0.5
"""In parts of the way from the eyes to the mouth."""


class GazeEstimation:
    """Finds faces, follows them, and estimates where each one points."""

    def __init__(self, config: GazeConfig, info: MediaInfo, sessions: ModelSource) -> None:
        selection = Selection(config.confidence_threshold, overlap=0.3, smallest=30, limit=10)
        self._config = config
        self._detector = FaceDetector(sessions.get("centerface"), selection)
        self._tracker = Tracker(usual_rate(config.frames_per_second, info), config.confidence_threshold, 1.0)
        self._found: list[tuple[int, Gaze]] = []

    @property
    def rate(self) -> float | None:
        """Frames per second of video to look at; None for every frame."""
        return self._config.frames_per_second

    @property
    def warnings(self) -> Sequence[str]:
        """Whether no face was found."""
        return () if self._found else ("No face was found in this video.",)

    def process(self, frame: Frame) -> bool:
        """Find the faces in ``frame`` and estimate where each points."""
        faces = self._detector.detect(frame.image)
        keys = self._tracker.update(faces.boxes, faces.scores, frame.time)
        for key, box, score, points in zip(keys, faces.boxes, faces.scores, faces.landmarks, strict=True):
            left, top, right, bottom = map(float, box)
            place = BoundingBox(left, top, right - left, bottom - top)
            self._found.append((key, self._gaze(frame, place, float(score), points.astype(np.float64))))
        return False

    def finish(self) -> Sequence[Gaze]:
        """Return every gaze, frame by frame; a face seen only once has no identity."""
        names = identities((key for key, _ in self._found if key >= 0), least=2)
        return [replace(gaze, track_id=names.get(key)) for key, gaze in self._found]

    def _gaze(self, frame: Frame, box: BoundingBox, score: float, points: NDArray[np.float64]) -> Gaze:
        origin, direction = gaze_of(points)
        yaw, pitch = np.degrees([np.arctan2(direction[0], direction[2]), -np.arcsin(direction[1])])
        target = target_of(float(yaw), float(pitch), self._config.ahead_degrees)
        start, ray = Point(*map(float, origin)), Vector(*map(float, direction))
        return Gaze(frame.index, frame.time, None, box, score, start, ray, float(yaw), float(pitch), target)


def gaze_of(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the point between the eyes (x, y) and the direction of the face (x, y, z; of length 1).

    ``points``: 5 x 2, in the order of `videoannotator.annotations.FACE_LANDMARKS`.
    """
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    # A turned head brings the eyes closer together, a nodding one eyes and mouth: the other distance tells the size.
    size = max(np.linalg.norm(left_eye - right_eye), np.linalg.norm(mouth - eyes) / EYES_TO_MOUTH, 1e-6)
    shift = (nose - eyes - NOSE_BELOW_EYES * (mouth - eyes)) / (NOSE_STANDS_OUT * size)
    shift /= max(float(np.linalg.norm(shift)), 1.0)
    return eyes, np.append(shift, np.sqrt(max(0.0, 1.0 - float(shift @ shift))))


def target_of(yaw: float, pitch: float, ahead: float) -> Target:
    """Return the direction in a word; angles in degrees."""
    if max(abs(yaw), abs(pitch)) <= ahead:
        return "ahead"
    if abs(yaw) >= abs(pitch):
        return "right" if yaw > 0 else "left"
    return "up" if pitch > 0 else "down"
