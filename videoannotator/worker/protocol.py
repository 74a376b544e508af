"""What a server and the process that runs an attempt say to each other: one JSON object a line, over a socket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from videoannotator.annotation_request import AnnotationRequest
from videoannotator.outcome import ErrorRecord, Outcome, RunOutcome


class AttemptKey(NamedTuple):
    """Names an attempt."""

    job_id: str
    attempt: int


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class WorkerConfig(_Message):
    """What a worker process needs to know when it starts."""

    models_dir: Path | None = None
    threads: int = 1
    """CPU threads that this worker may use for its models."""
    memory_limit: int
    """Most address space in bytes; 0 for no limit."""
    max_duration: float
    """Longest playing time of a video in seconds."""
    max_pixels: int
    """Most pixels of a frame."""
    heartbeat_interval: float
    """Seconds between signs of life."""


class RunAttempt(_Message):
    """Annotate a video."""

    type: Literal["run"] = "run"
    key: AttemptKey
    request: AnnotationRequest


class CancelAttempt(_Message):
    """Stop the attempt that runs."""

    type: Literal["cancel"] = "cancel"


class WorkerHeartbeat(_Message):
    """The worker is alive."""

    type: Literal["heartbeat"] = "heartbeat"


class ProgressMade(_Message):
    """A pipeline went on; at most 4 a second for each. Counted in the pipeline's unit: frames, or seconds of audio."""

    type: Literal["progress"] = "progress"
    pipeline: str
    done: int
    failed: int
    total: int | None


class RunEnded(_Message):
    """A pipeline ended; its results are not committed yet."""

    type: Literal["run_ended"] = "run_ended"
    run: RunOutcome


class LogWritten(_Message):
    """A line for the researcher."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"]
    message: str


class AttemptEnded(_Message):
    """The attempt is through; its files are written and synced. Nothing follows."""

    type: Literal["ended"] = "ended"
    outcome: Outcome


class AttemptFailed(_Message):
    """The attempt failed as a whole. Nothing follows."""

    type: Literal["failed"] = "failed"
    error: ErrorRecord


class AttemptStopped(_Message):
    """The attempt stopped because it was told to. Nothing follows."""

    type: Literal["stopped"] = "stopped"


class WorkerLost(_Message):
    """The worker is gone and said nothing more. Made by the server's side. Nothing follows."""

    type: Literal["lost"] = "lost"
    reason: str


ToWorker = RunAttempt | CancelAttempt
Ending = AttemptEnded | AttemptFailed | AttemptStopped | WorkerLost
"""The last event of an attempt."""
AttemptEvent = WorkerHeartbeat | ProgressMade | RunEnded | LogWritten | Ending

TO_WORKER: TypeAdapter[ToWorker] = TypeAdapter(Annotated[ToWorker, Field(discriminator="type")])
FROM_WORKER: TypeAdapter[AttemptEvent] = TypeAdapter(Annotated[AttemptEvent, Field(discriminator="type")])


def encode(message: BaseModel) -> bytes:
    """Return a message as a line."""
    return message.model_dump_json().encode() + b"\n"
