"""What annotating one video came to: the runs of its pipelines and the files they left."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from videoannotator.errors import VideoAnnotatorError, Violation, error_class


class ErrorRecord(BaseModel):
    """An error as data: stored in the database, sent between processes, shown to people."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    hint: str | None = None
    field: str | None = None
    detail: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, error: VideoAnnotatorError) -> ErrorRecord:
        """Return the data of ``error``; its violations travel in ``detail``."""
        detail = dict(error.detail)
        if error.violations:
            detail["violations"] = [violation.as_dict() for violation in error.violations]
        return cls(code=error.code, message=error.message, hint=error.hint, field=error.field, detail=detail)

    def exception(self) -> VideoAnnotatorError:
        """Return the exception this record was made of."""
        detail = dict(self.detail)
        violations = tuple(Violation(**entry) for entry in detail.pop("violations", ()))
        return error_class(self.code)(self.message, detail, self.hint, self.field, violations)


class ModelProvenance(BaseModel):
    """Which weights produced a result."""

    model_config = ConfigDict(frozen=True)

    id: str
    task: str
    sha256: str
    licence: str
    source: str


ProgressUnit = Literal["frames", "seconds"]
"""What the progress of a pipeline counts: frames of video or seconds of audio."""


class RunOutcome(BaseModel):
    """How the run of one pipeline ended."""

    model_config = ConfigDict(frozen=True)

    pipeline: str
    status: Literal["completed", "failed"]
    unit: ProgressUnit = "frames"
    units_done: int = 0
    """Frames that the pipeline looked at, or seconds of audio that it listened to, rounded."""
    units_failed: int = 0
    """Frames that could not be decoded; 0 for a pipeline that listens."""
    annotation_count: int = 0
    seconds: float = 0.0
    """Wall time that the pipeline was at work: loading its models, looking or listening, and putting together what it
    found. Pipelines work side by side, and take turns at the processor."""
    models: tuple[ModelProvenance, ...] = ()
    warnings: tuple[str, ...] = ()
    error: ErrorRecord | None = None


class ArtifactFile(BaseModel):
    """A file that a job left. ``name`` is relative to the directory of the results."""

    model_config = ConfigDict(frozen=True)

    name: str
    pipeline: str | None
    """None for a file that belongs to the whole job."""
    format: str
    """coco, csv, preview, provenance, ..."""
    media_type: str
    size_bytes: int
    sha256: str
    provenance: dict[str, Any] = Field(default_factory=dict)


class Outcome(BaseModel):
    """The runs of all pipelines, in the order they were asked for, and every file."""

    model_config = ConfigDict(frozen=True)

    runs: tuple[RunOutcome, ...]
    artifacts: tuple[ArtifactFile, ...]
