"""What pipelines share that detect in each frame and follow what they detect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol

from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.pipelines.boxes import Boxes, Scores
from videoannotator.pipelines.tracked_detections import Observations, RecordT, TrackedDetection
from videoannotator.pipelines.tracking import Tracker, usual_rate


class TrackingConfig(Protocol):
    """The options that say how detections are followed."""

    @property
    def frames_per_second(self) -> float | None:
        """Frames to look at per second of video; None for every frame."""

    @property
    def confidence_threshold(self) -> float:
        """Least score of a detection."""

    @property
    def tracking(self) -> bool:
        """Whether detections get identities."""

    @property
    def min_track_frames(self) -> int:
        """An identity that is seen in fewer frames is none."""

    @property
    def lost_track_seconds(self) -> float:
        """How long an identity may be out of sight."""


class TrackingPipeline(ABC, Generic[RecordT]):
    """Detects in each frame, gives each detection a tracker's key, and returns records under final identities."""

    def __init__(self, config: TrackingConfig, info: MediaInfo, noun: str) -> None:
        """``noun``: what is detected, for the warning that there was none."""
        self._tracking = config
        self._noun = noun
        rate = usual_rate(config.frames_per_second, info)
        self._tracker = (
            Tracker(rate, config.confidence_threshold, config.lost_track_seconds) if config.tracking else None
        )
        self._detections: list[TrackedDetection[RecordT]] = []

    @property
    def rate(self) -> float | None:
        """Frames per second of video to look at; None for every frame."""
        return self._tracking.frames_per_second

    @property
    def warnings(self) -> Sequence[str]:
        """Whether nothing was detected."""
        return () if self._detections else (f"No {self._noun} was found in this video.",)

    def process(self, frame: Frame) -> bool:
        """Detect in ``frame``."""
        self._detections.extend(self._detect(frame))
        return False

    def finish(self) -> Sequence[RecordT]:
        """Return a record for each detection, frame by frame, the most certain first."""
        return Observations.identified(self._detections, self._tracking.min_track_frames)

    @abstractmethod
    def _detect(self, frame: Frame) -> Iterable[TrackedDetection[RecordT]]:
        """Return the detections in ``frame``, with the keys that `_keys` gives them."""

    def _keys(self, frame: Frame, boxes: Boxes, scores: Scores) -> list[int]:
        """Return the tracker's key for each of ``boxes`` (n x 4); -1 without tracking."""
        return self._tracker.update(boxes, scores, frame.time) if self._tracker else [-1] * len(boxes)
