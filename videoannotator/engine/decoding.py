"""One decode of the video stream and one of the audio stream, side by side, for all pipelines of a request."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from videoannotator.engine.pipeline_run import PipelineRun
from videoannotator.errors import JobCancelledError, VideoAnnotatorError
from videoannotator.media.audio import decode_recording
from videoannotator.media.fan_out import Subscription, fan_out
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.source import open_video
from videoannotator.pipelines.base import Audio
from videoannotator.progress import Cancellation, Observer


@dataclass(slots=True)
class Statistics:
    """How much decoding the pipelines of a request took together."""

    frames: int = 0
    """Frames of the video, as far as it was read."""
    decoded: int = 0
    """Times that a frame was decoded."""
    sound_seconds: float = 0.0
    """Seconds of audio that were decoded."""
    sound_seconds_missing: float = 0.0
    """Seconds of them that are silent because nothing could be read there."""

    def as_dict(self) -> dict[str, Any]:
        """Return them as a result tells them."""
        return {
            "frames": self.frames,
            "frames_decoded": self.decoded,
            "decodes_per_frame": round(self.decoded / self.frames, 6) if self.frames else 0.0,
            "sound_seconds": round(self.sound_seconds, 3),
            "sound_seconds_missing": round(self.sound_seconds_missing, 3),
        }


class Decoding:
    """Gives the runs of one request what they want to see and hear."""

    def __init__(
        self, video: Path, info: MediaInfo, limits: MediaLimits, observer: Observer, cancelled: Cancellation
    ) -> None:
        self._video = video
        self._info = info
        self._limits = limits
        self._observer = observer
        self._cancelled = cancelled
        self._stop = Event()
        self._damage: list[VideoAnnotatorError] = []
        self.statistics = Statistics()

    def run(self, runs: Sequence[PipelineRun]) -> None:
        """Decode the file for the ``runs`` that are ready; damaged media ends those that need it.

        Raises:
            JobCancelledError: The job was cancelled, and everything has stopped.
            VideoAnnotatorError: The media is damaged in a way that ends all runs.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="sound") as beside:
            listening = beside.submit(self._decode_audio, [run for run in runs if run.wants_audio])
            try:
                self._decode_video([run for run in runs if run.wants_frames])
            except BaseException:
                self._stop.set()
                raise
            listening.result()
        if self._damage and all(run.error in self._damage for run in runs):
            raise self._damage[0]

    def is_set(self) -> bool:
        """Whether to stop: the job was cancelled, or the other half of the work broke."""
        return self._stop.is_set() or self._cancelled.is_set()

    def _decode_video(self, watching: Sequence[PipelineRun]) -> None:
        if not watching:
            return
        subscriptions = [Subscription(run.spec.name, run.rate, run.see) for run in watching]
        try:
            with open_video(self._video, self._limits, info=self._info) as source:
                try:
                    results = fan_out(source, subscriptions, cancelled=self, progress=self._observer.progress)
                finally:
                    self.statistics.frames = source.decoded + source.lost
                    self.statistics.decoded += source.decoded
        except JobCancelledError:
            raise
        except VideoAnnotatorError as error:
            self._give_up(watching, error)
            return
        for run in watching:
            run.consumed(results[run.spec.name])

    def _decode_audio(self, listening: Sequence[PipelineRun]) -> None:
        if not listening:
            return
        try:
            recording = decode_recording(self._video, self._limits, cancelled=self)
        except JobCancelledError:
            raise
        except VideoAnnotatorError as error:
            self._give_up(listening, error)
            return
        audio = Audio(recording.samples, recording.missing)
        audio.samples.setflags(write=False)
        self.statistics.sound_seconds = audio.duration
        self.statistics.sound_seconds_missing = audio.missing
        for run in listening:
            on_progress = partial(self._report_progress, run.spec.name, audio)
            run.attempt(partial(run.listen, audio, self._info.duration, on_progress))

    def _give_up(self, runs: Sequence[PipelineRun], error: VideoAnnotatorError) -> None:
        self._damage.append(error)
        for run in runs:
            run.fail(error)

    def _report_progress(self, name: str, audio: Audio, seconds: float) -> None:
        if self.is_set():
            raise JobCancelledError("The job was cancelled.")
        self._observer.progress(name, round(seconds), 0, max(1, round(audio.duration)))
