"""What the engine ends with, and everything that files of it need: plain data, whatever made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videoannotator.annotations import Record
from videoannotator.media.info import MediaInfo
from videoannotator.outcome import RunOutcome
from videoannotator.results import provenance
from videoannotator.results.result import Result, ThumbnailSource


@dataclass(frozen=True, slots=True)
class RunResults:
    """What the run of one pipeline ended with."""

    outcome: RunOutcome
    config: Mapping[str, Any]
    """Normal form."""
    outputs: tuple[str, ...]
    """The formats that the pipeline declares."""
    records: Mapping[type[Record], Sequence[Record]]
    """By each type that the pipeline declares, in the order of their times."""
    frames: Sequence[tuple[int, float]]
    """Index and time in seconds of every frame that was looked at."""
    thumbnails: ThumbnailSource

    @property
    def pipeline(self) -> str:
        """The pipeline's canonical name."""
        return self.outcome.pipeline

    @property
    def completed(self) -> bool:
        """Whether there is anything to write."""
        return self.outcome.error is None

    def provenance(self) -> dict[str, Any]:
        """Return what the pipeline did, as provenance tells it."""
        entry = provenance.pipeline(self.pipeline, self.config, self.outcome.models, len(self.frames))
        if self.outcome.error is not None:
            return {**entry, "status": "failed", "error": self.outcome.error.code}
        return {**entry, "status": "completed"}


@dataclass(frozen=True, slots=True)
class AnnotatedVideo:
    """One video with the results of each pipeline, in the order they were asked for."""

    name: str
    """Name of the video in ids, for example ``clip``."""
    info: MediaInfo
    document: Mapping[str, Any]
    """The provenance that all pipelines share."""
    runs: tuple[RunResults, ...]

    def provenance(self) -> dict[str, Any]:
        """Return where the files of the whole video come from."""
        return {**self.document, "pipelines": [run.provenance() for run in self.runs]}

    def results(self) -> list[Result]:
        """Return a result for each type of record of each completed run."""
        return [
            Result(self.name, self.info, run.pipeline, record, found, run.frames, run.thumbnails, own)
            for run in self.runs
            if run.completed
            for own in [{**self.document, "pipeline": run.provenance()}]
            for record, found in run.records.items()
        ]
