"""One pipeline at work on one video, from its models to its outcome."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar, cast

from videoannotator.annotations import Record
from videoannotator.engine.found_records import found_records
from videoannotator.errors import (
    GpuOutOfMemoryError,
    JobCancelledError,
    MissingStreamError,
    PipelineFailedError,
    VideoAnnotatorError,
)
from videoannotator.media.fan_out import ConsumerResult
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import MORE_MEMORY, Loader, Model, Sessions, is_out_of_memory
from videoannotator.outcome import ErrorRecord, ModelProvenance, ProgressUnit, RunOutcome
from videoannotator.pipelines.base import Audio, AudioPipeline, OnProgress, Pipeline, PipelineFactory, VideoPipeline
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.results.frames import Frames
from videoannotator.results.run_results import RunResults
from videoannotator.results.thumbnails import Thumbnails

logger = logging.getLogger(__name__)

T = TypeVar("T")

_AUDIO_SHORTFALL = 1.0
"""Seconds by which the audio may end before the video without a warning."""
_MISSING_AUDIO = 0.1
"""Seconds of audio that may be missing without a warning."""


class PipelineRun:
    """A pipeline's run. Each step is skipped once one has failed; the outcome then has the error."""

    def __init__(self, spec: PipelineSpec, config: Mapping[str, Any], sessions: Sessions) -> None:
        """``config``: normal form."""
        self.spec = spec
        self.config = dict(config)
        self.thumbnails = Thumbnails()
        self.frames = Frames()
        self.records: Mapping[type[Record], Sequence[Record]] = dict.fromkeys(spec.records, ())
        self.error: VideoAnnotatorError | None = None
        self._sessions = sessions
        self._models: dict[tuple[str, str], ModelProvenance] = {}
        self._pipeline: Pipeline | None = None
        self._notes: list[str] = []
        self._failed_frames = 0
        self._audio_done = 0.0
        self._seconds = 0.0

    def attempt(self, step: Callable[[], None]) -> None:
        """Do ``step`` unless an earlier one failed, and keep what it raises. Raises only JobCancelledError."""
        if self.error is not None:
            return
        try:
            step()
        except JobCancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a pipeline raises must not reach the others
            self.fail(error)

    def prepare(self, info: MediaInfo) -> None:
        """Import the implementation and load its models. Without audio there is nothing to do for one that listens.

        Raises:
            MissingStreamError: The pipeline needs frames, which the file does not have.
        """
        with self._measuring_time():
            self._prepare(info)

    def _prepare(self, info: MediaInfo) -> None:
        if self._uses_frames and not info.has_video:
            message = f"{self.spec.name} needs a video stream, which the file does not have."
            raise MissingStreamError(message, {"pipeline": self.spec.name, "missing": ["video"]})
        if not self._uses_frames and not info.has_audio:
            self._notes.append("The file has no audio, so there was nothing to listen to.")
            return
        module, _, attribute = self.spec.implementation.partition(":")
        factory: PipelineFactory = getattr(importlib.import_module(module), attribute)
        self._pipeline = factory(self.spec.config_model.model_validate(self.config), info, self)

    @property
    def wants_frames(self) -> bool:
        """Whether it is ready for frames."""
        return self.error is None and self._pipeline is not None and self._uses_frames

    @property
    def wants_audio(self) -> bool:
        """Whether it is ready for audio."""
        return self.error is None and self._pipeline is not None and not self._uses_frames

    @property
    def rate(self) -> float | None:
        """Frames per second of video it wants; None for every frame."""
        return self._video_pipeline.rate

    def see(self, frame: Frame) -> None:
        """Give the pipeline a frame, and keep it for the preview if it is one of the chosen."""
        notable = self._video_pipeline.process(frame)
        self.frames.append(frame.index, frame.time)
        self.thumbnails.add(frame, notable)

    def consumed(self, result: ConsumerResult) -> None:
        """Take note of how the frames came to an end."""
        self._failed_frames = result.failed
        self._seconds += result.busy_seconds
        if result.error is not None:
            self.fail(result.error)

    def listen(self, audio: Audio, video_duration: float, on_progress: OnProgress) -> None:
        """Give the pipeline the audio. ``video_duration``: seconds. ``on_progress`` may raise."""

        def note(seconds: float) -> None:
            self._audio_done = max(self._audio_done, min(seconds, audio.duration))
            on_progress(self._audio_done)

        with self._measuring_time():
            cast("AudioPipeline", self._pipeline).process(audio, note)
        note(audio.duration)
        if audio.missing > _MISSING_AUDIO:
            self._notes.append(f"{audio.missing:.1f} s of the audio could not be read; they count as silence.")
        if video_duration - audio.duration > _AUDIO_SHORTFALL:
            self._notes.append(f"The audio ends at {audio.duration:.1f} s, the video at {video_duration:.1f} s.")

    def finish(self) -> None:
        """Fetch the records."""
        if self._pipeline is not None:
            with self._measuring_time():
                found = self._pipeline.finish()
            self.records = found_records(self.spec, found)

    def get(self, model_id: str) -> Model:
        """Lend the pipeline a model, and remember which: a result names the weights that made it, and no others."""
        model = self._sessions.get(model_id)
        self.used(self._sessions.provenance(model_id))
        return model

    def load(self, model_id: str, loader: Loader[T]) -> T:
        """Lend the pipeline what ``loader`` makes of a model, and remember which."""
        model = self._sessions.load(model_id, loader)
        self.used(self._sessions.provenance(model_id))
        return model

    def used(self, model: ModelProvenance) -> None:
        """Remember weights that were used."""
        self._models[model.id, model.sha256] = model

    @property
    def models(self) -> tuple[ModelProvenance, ...]:
        """The weights that the pipeline uses."""
        return tuple(self._models.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a researcher should know about the result."""
        lost = self._failed_frames
        damage = [f"{lost} frame{'s' * (lost != 1)} could not be decoded."] if lost else []
        return (*damage, *self._notes, *(self._pipeline.warnings if self._pipeline is not None else ()))

    @property
    def unit(self) -> ProgressUnit:
        """What its progress counts."""
        return self.spec.unit

    def outcome(self) -> RunOutcome:
        """Return how the run ended, as far as it has come."""
        return RunOutcome(
            pipeline=self.spec.name,
            status="completed" if self.error is None else "failed",
            unit=self.unit,
            units_done=len(self.frames) if self._uses_frames else round(self._audio_done),
            units_failed=self._failed_frames,
            annotation_count=sum(map(len, self.records.values())),
            seconds=self._seconds,
            models=self.models,
            warnings=self.warnings,
            error=None if self.error is None else ErrorRecord.of(self.error),
        )

    def results(self) -> RunResults:
        """Return what the run ended with: its outcome, and what it found."""
        outputs = tuple(output.format for output in self.spec.outputs)
        return RunResults(self.outcome(), self.config, outputs, self.records, self.frames, self.thumbnails)

    def fail(self, error: BaseException) -> None:
        """End the run badly."""
        self.error = self._as_typed(error)

    @property
    def _uses_frames(self) -> bool:
        return "video" in self.spec.modalities

    @property
    def _video_pipeline(self) -> VideoPipeline:
        return cast("VideoPipeline", self._pipeline)

    @contextmanager
    def _measuring_time(self) -> Iterator[None]:
        """Count the time that the pipeline works; waiting for others in between does not count."""
        started = perf_counter()
        try:
            yield
        finally:
            self._seconds += perf_counter() - started

    def _as_typed(self, error: BaseException) -> VideoAnnotatorError:
        if isinstance(error, VideoAnnotatorError):
            return error
        logger.error("Pipeline %s failed.", self.spec.name, exc_info=error)
        outcome = self.outcome()
        done = f"{outcome.units_done} {self.unit}"
        detail = {"pipeline": self.spec.name, "units_done": outcome.units_done, "unit": self.unit}
        if is_out_of_memory(error):
            if self._sessions.on_gpu:
                return GpuOutOfMemoryError(f"{self.spec.name} did not fit into the memory of the GPU.", detail)
            return PipelineFailedError(f"{self.spec.name} ran out of memory.", detail, MORE_MEMORY)
        message = f"{self.spec.name} failed after {done} with {type(error).__name__}."
        return PipelineFailedError(message, detail)
