"""Person tracking: detector, tracker and pose, one frame after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from videoannotator.annotations import Keypoint, PersonObservation
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.person_tracking.config import PersonTrackingConfig
from videoannotator.pipelines.person_tracking.detector import PersonDetector
from videoannotator.pipelines.person_tracking.pose import Joints, PoseEstimator
from videoannotator.pipelines.tracked_detections import TrackedDetection
from videoannotator.pipelines.tracking_pipeline import TrackingPipeline


class PersonTracking(TrackingPipeline[PersonObservation]):
    """Finds people, follows them, and locates their joints."""

    def __init__(self, config: PersonTrackingConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        super().__init__(config, info, "person")
        self._detector = PersonDetector(
            sessions.get("centernet"), config.confidence_threshold, config.iou_threshold, config.max_persons
        )
        self._pose = PoseEstimator(sessions.get("movenet-thunder"), config.keypoint_threshold) if config.pose else None

    def _detect(self, frame: Frame) -> Iterator[_Person]:
        people = self._detector.detect(frame.image)
        keys = self._keys(frame, people.boxes, people.scores)
        for box, score, key in zip(people.boxes, people.scores, keys, strict=True):
            joints = self._pose.estimate(frame.image, box) if self._pose else None
            yield _Person(frame.index, frame.time, key, box, float(score), joints)


@dataclass(frozen=True, slots=True)
class _Person(TrackedDetection[PersonObservation]):
    joints: Joints | None

    def record(self, track_id: int | None) -> PersonObservation:
        joints = () if self.joints is None else tuple(Keypoint(*map(float, joint)) for joint in self.joints)
        return PersonObservation(self.frame, self.time, track_id, self.box, self.score, joints)
