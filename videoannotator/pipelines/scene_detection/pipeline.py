"""Scene detection: PySceneDetect's detectors, fed with our frames and their true times."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from videoannotator.annotations import Scene
from videoannotator.errors import ModelMissingError
from videoannotator.media.frame import Frame, Image
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.scene_detection.config import SceneDetectionConfig
from videoannotator.pipelines.scene_detection.labels import MODEL, SceneLabeller, load_clip

_WIDTH = 256
_TICKS = 1_000_000
_USUAL_PERIOD = 0.04


class SceneDetection:
    """Divides a video at its cuts (PySceneDetect 0.7, github.com/Breakthrough/PySceneDetect)."""

    def __init__(self, config: SceneDetectionConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Without the model that labels scenes there is a warning, and scenes have no labels."""
        self._config = config
        self._info = info
        self._detector = _detector(config)
        self._times = array("d")
        self._frames = array("q")
        self._cuts: set[float] = set()
        self._warnings: list[str] = []
        self._labeller = self._open_labeller(sessions) if config.label_scenes else None

    @property
    def rate(self) -> float | None:
        """Frames per second of video to look at; None for every frame."""
        return self._config.frames_per_second

    @property
    def warnings(self) -> Sequence[str]:
        """Whether scenes could not be labelled: about a cut nothing is doubtful that the scenes do not show."""
        return self._warnings

    def process(self, frame: Frame) -> bool:
        """Compare ``frame`` with the ones before it. Returns whether it is the first of a scene."""
        self._times.append(frame.time)
        self._frames.append(frame.index)
        cuts = self._detector.process_frame(_timecode(frame.time - self._times[0]), _reduced(frame.image))
        self._cuts.update(cut.seconds + self._times[0] for cut in cuts)
        notable = bool(cuts) or len(self._times) == 1
        if self._labeller is not None:
            self._labeller.look(frame.image, frame.time, cut=notable)
        return notable

    def finish(self) -> Sequence[Scene]:
        """Return the scenes, without gaps, from the first frame to the end of the video."""
        if not self._times:
            return []
        firsts = sorted({0, *(self._position(cut) for cut in self._cuts)})
        starts = [self._times[first] for first in firsts]
        frames = [self._frames[first] for first in firsts]
        ends = [*starts[1:], self._end()]
        last_frames = [*frames[1:], self._frame_count()]
        return [
            Scene(index, start, end, first, last, self._labeller.labels(start, end) if self._labeller else {})
            for index, (start, end, first, last) in enumerate(zip(starts, ends, frames, last_frames, strict=True))
        ]

    def _open_labeller(self, sessions: ModelSource) -> SceneLabeller | None:
        try:
            return SceneLabeller(sessions.load(MODEL, load_clip), self._config.labels)
        except ModelMissingError:
            remedy = f"`videoannotator models pull {MODEL}` brings it"
            self._warnings.append(f"Scenes have no labels: the model {MODEL} is not on this machine; {remedy}.")
        except ImportError:
            remedy = "`pip install 'videoannotator[audio]'` brings it"
            self._warnings.append(f"Scenes have no labels: the package tokenizers is not on this machine; {remedy}.")
        return None

    def _position(self, time: float) -> int:
        """Return the position of the first frame that was looked at and is not before ``time``."""
        return min(bisect_left(self._times, time - 1 / _TICKS), len(self._times) - 1)

    def _end(self) -> float:
        """Return when the video ends. The announced end counts if it is possible, for the last frame may stay long."""
        last = self._times[-1]
        period = 1 / self._info.frame_rate if self._info.frame_rate else _USUAL_PERIOD
        return self._info.duration if self._info.duration > last else last + period

    def _frame_count(self) -> int:
        """Return the number of frames; only announced when not every frame was looked at."""
        seen = self._frames[-1] + 1
        return seen if self.rate is None else max(seen, self._info.frame_count or 0)


def _detector(config: SceneDetectionConfig) -> Any:
    """Return the PySceneDetect detector that ``config`` describes; all of them take a shortest scene in seconds."""
    from scenedetect import detectors
    from scenedetect.detector import FlashFilter

    threshold, shortest = config.threshold, float(config.min_scene_length)
    match config.detector:
        case "content":
            # Merging, the default, drops a cut after a short first scene for good; suppressing waits for the next one.
            mode = FlashFilter.Mode.SUPPRESS
            return detectors.ContentDetector(threshold, shortest, filter_mode=mode)
        case "adaptive":
            return detectors.AdaptiveDetector(threshold, shortest)
        case "histogram":
            return detectors.HistogramDetector(threshold, min_scene_len=shortest)
        case "hash":
            return detectors.HashDetector(threshold, min_scene_len=shortest)
        case "fade":
            return detectors.ThresholdDetector(threshold, shortest)


def _timecode(seconds: float) -> Any:
    """Return the time of a frame for PySceneDetect.

    The detectors reckon partly in times and partly in numbers of frames. With a frame rate of one frame per tick both
    are the same, and a variable frame rate does no harm.
    """
    from scenedetect.common import FrameTimecode, Timecode

    return FrameTimecode(Timecode(round(seconds * _TICKS), Fraction(1, _TICKS)), fps=Fraction(_TICKS))


def _reduced(image: Image) -> Image:
    """Return a small BGR copy: cuts are visible in it, noise is not, and it costs a tenth."""
    height, width = image.shape[:2]
    if width > _WIDTH:
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(image[..., ::-1])
