"""Person tracking: detector, tracker and pose, one frame after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import BoundingBox, Keypoint, PersonObservation
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.person_tracking.config import PersonTrackingConfig
from videoannotator.pipelines.person_tracking.detector import PersonDetector
from videoannotator.pipelines.person_tracking.pose import Joints, PoseEstimator
from videoannotator.pipelines.tracked_detections import Observations
from videoannotator.pipelines.tracking import Tracker, usual_rate


class PersonTracking:
    """Finds people, follows them, and locates their joints."""

    def __init__(self, config: PersonTrackingConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._detector = PersonDetector(
            sessions.get("centernet"), config.confidence_threshold, config.iou_threshold, config.max_persons
        )
        self._pose = PoseEstimator(sessions.get("movenet-thunder"), config.keypoint_threshold) if config.pose else None
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
        """Whether no person was found."""
        return () if self._detections else ("No person was found in this video.",)

    def process(self, frame: Frame) -> bool:
        """Find the people in ``frame``."""
        people = self._detector.detect(frame.image)
        keys = self._tracker.update(people.boxes, people.scores, frame.time) if self._tracker else [-1] * len(people)
        for box, score, key in zip(people.boxes, people.scores, keys, strict=True):
            joints = self._pose.estimate(frame.image, box) if self._pose else None
            self._detections.append(_TrackedDetection(frame.index, frame.time, key, box, float(score), joints))
        return False

    def finish(self) -> Sequence[PersonObservation]:
        """Return every person seen, frame by frame, the most certain first."""
        return Observations.identified(self._detections, self._config.min_track_frames)


@dataclass(frozen=True, slots=True)
class _TrackedDetection:
    """An observation in the little memory that hours of video need."""

    frame: int
    time: float
    key: int
    box: NDArray[np.float32]
    score: float
    joints: Joints | None

    def observation(self, track_id: int | None) -> PersonObservation:
        left, top, right, bottom = (float(side) for side in self.box)
        joints = () if self.joints is None else tuple(Keypoint(*map(float, joint)) for joint in self.joints)
        box = BoundingBox(left, top, right - left, bottom - top)
        return PersonObservation(self.frame, self.time, track_id, box, self.score, joints)
