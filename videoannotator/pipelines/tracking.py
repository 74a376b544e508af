"""Recognising the same person, or the same face, from frame to frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from videoannotator.media.info import MediaInfo
from videoannotator.pipelines.boxes import Boxes, Scores

_LEAST_OVERLAP = 0.1
_BUFFER_RATE = 30.0
_LEAST_STEP = 1e-3
_ROUNDING = 1e-6
_MOST_RATE = 240.0


class Tracker:
    """ByteTrack (Zhang et al., ECCV 2022; Roboflow ``trackers``), which gets the true time of each frame.

    A detection that is good enough to be shown is good enough to start a track: the detector's threshold has already
    decided. The tracker predicts from one frame to the next by their times, so that its speed estimate holds at any
    sampling rate and over gaps.
    """

    def __init__(self, rate: float, confidence: float, lost_seconds: float) -> None:
        """``rate``: usual frames per second; ``confidence``: least score; ``lost_seconds``: memory for the unseen."""
        # Imported here: it takes half a second, and is not needed without tracking.
        from trackers.core.bytetrack.tracker import ByteTrackTracker

        # A score that just reached the detector's threshold as a 32-bit number must reach this one as a 64-bit number.
        activation = confidence - _ROUNDING
        self._tracker = ByteTrackTracker(
            lost_track_buffer=round(lost_seconds * _BUFFER_RATE),
            frame_rate=rate,
            track_activation_threshold=activation,
            high_conf_det_threshold=activation,
            minimum_consecutive_frames=1,
            minimum_iou_threshold=_LEAST_OVERLAP,
        )
        self._keys: dict[Any, int] = {}
        self._next_key = 0
        self._last_time = -np.inf

    def update(self, boxes: Boxes, scores: Scores, time: float) -> list[int]:
        """Return a key for each of ``boxes`` (n x 4), seen at ``time`` seconds; the same person has the same key.

        ``scores``: n, 0..1. Keys count up from 0 in the order in which people were first seen.
        """
        import supervision

        # Two frames of one time would make the tracker warn and stand still.
        self._last_time = max(time, self._last_time + _LEAST_STEP)
        found = supervision.Detections(xyxy=boxes, confidence=scores, data={"index": np.arange(len(boxes))})
        tracked = self._tracker.update(found, timestamp=self._last_time)
        numbers = [-1] * len(boxes)
        if tracked.tracker_id is not None:
            for index, number in zip(tracked.data.get("index", ()), tracked.tracker_id, strict=True):
                numbers[int(index)] = int(number)
        return self._name(numbers, boxes)

    def _name(self, numbers: list[int], boxes: Boxes) -> list[int]:
        """Turn the tracker's numbers into keys.

        The tracker numbers a track from its second frame on. The first frame belongs to the same person, so tracks are
        told apart as objects; a new one is found by its box.
        """
        tracks = self._tracker.tracks
        numbered = {track.tracker_id: track for track in tracks if track.tracker_id >= 0}
        new = [track for track in tracks if track.tracker_id < 0 and track not in self._keys]
        keys = {track: self._keys[track] for track in tracks if track in self._keys}
        names = []
        for number, box in zip(numbers, boxes, strict=True):
            track = numbered[number] if number >= 0 else _nearest(new, box)
            if track not in keys:
                keys[track] = self._next_key
                self._next_key += 1
            names.append(keys[track])
        self._keys = keys
        return names


def usual_rate(wanted: float | None, info: MediaInfo) -> float:
    """Return the frames per second that a pipeline will see: ``wanted`` (None: all), or what the video has if less."""
    return min(rate for rate in (wanted, info.frame_rate, _MOST_RATE) if rate)


def _nearest(tracks: list[Any], box: Any) -> Any:
    return min(tracks, key=lambda track: float(np.abs(np.asarray(track.get_state_bbox()) - box).sum()))


def identities(keys: Iterable[int], least: int) -> Mapping[int, int]:
    """Return the track id of each key that occurs at least ``least`` times: 1, 2, 3... in the order of the keys."""
    seen = Counter(keys)
    return {key: number for number, key in enumerate(sorted(key for key in seen if seen[key] >= least), start=1)}
