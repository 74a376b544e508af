"""The tables. Times are Unix seconds in UTC; ids are chosen by the server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Double, Index
from sqlmodel import Field, SQLModel

_ACTIVE = "status IN ('running', 'cancelling')"


def _json() -> Any:
    return Field(default_factory=dict, sa_type=JSON)


def _list() -> Any:
    return Field(default_factory=list, sa_type=JSON)


def _time(default: float | None = None, **options: Any) -> Any:
    return Field(default=default, sa_type=Double, **options)


class VideoRow(SQLModel, table=True):
    """A video or an upload that is not finished."""

    __tablename__ = "videos"
    __table_args__ = (
        Index("videos_by_owner", "owner", "created_at", "id"),
        Index("videos_by_request", "owner", "request_id", unique=True),
        CheckConstraint("committed_bytes BETWEEN 0 AND size_bytes", name="videos_committed_in_size"),
        CheckConstraint("state IN ('uploading', 'ready')", name="videos_state_known"),
    )

    id: str = Field(primary_key=True)
    owner: str
    filename: str
    size_bytes: int = Field(sa_type=BigInteger)
    committed_bytes: int = Field(default=0, sa_type=BigInteger)
    state: str = "uploading"
    sha256: str | None = None
    request_id: str | None = None
    created_at: float = _time()
    expires_at: float | None = _time(index=True)
    media: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class JobRow(SQLModel, table=True):
    """A job, with the lease of the attempt that runs it."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_by_owner", "owner", "created_at", "id"),
        Index("jobs_by_request", "owner", "request_id", unique=True),
        Index("jobs_in_queue", "status", "priority", "due_at", "id"),
        CheckConstraint(f"({_ACTIVE}) = (lease_token IS NOT NULL)", name="jobs_lease_while_active"),
        CheckConstraint(
            "status IN ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')",
            name="jobs_status_known",
        ),
    )

    id: str = Field(primary_key=True)
    owner: str
    video_id: str = Field(index=True)
    """Kept after the video is deleted; no foreign key, since results outlive their video."""
    video_filename: str
    video_size_bytes: int = Field(sa_type=BigInteger)
    video_duration: float = _time(0.0)

    pipelines: list[str] = _list()
    config: dict[str, Any] = _json()
    outputs: list[str] = _list()
    labels: dict[str, str] = _json()
    warnings: list[str] = _list()
    priority: int = 0
    needs_gpu: bool = False
    max_attempts: int = 3
    retention_days: int | None = None
    """Days that the job is kept after its end: 0 until someone deletes it, None as the service's rule says."""
    request_id: str | None = None
    request_digest: str = ""
    """Tells a repeated request from another one with the same request_id."""

    status: str = "pending"
    progress: float = 0.0
    attempt: int = 0
    failures: int = 0
    """Attempts that failed in a passing way since the job was queued by its owner."""
    lost_attempts: int = 0
    """Attempts lost to infrastructure since the job was queued by its owner."""
    lease_token: str | None = None
    lease_expires_at: float | None = _time()
    last_sequence: int = 0
    """Number of the last event of the job's history."""
    revision: int = 0
    """Grows with every change of what a view of the job shows."""
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    cancel_reason: str | None = None

    created_at: float = _time()
    queued_at: float = _time()
    due_at: float = _time()
    """Place in the queue among equals: queued_at, or the time of the next attempt."""
    next_attempt_at: float | None = _time()
    started_at: float | None = _time()
    completed_at: float | None = _time()
    cancelled_at: float | None = _time()
    updated_at: float = _time()


class RunRow(SQLModel, table=True):
    """One pipeline of a job."""

    __tablename__ = "runs"

    job_id: str = Field(primary_key=True, foreign_key="jobs.id", ondelete="CASCADE")
    pipeline: str = Field(primary_key=True)
    position: int
    unit: str = "frames"
    """What the progress counts; see `videoannotator.outcome.ProgressUnit`."""
    status: str = "pending"
    progress: float = 0.0
    units_done: int = Field(default=0, sa_type=BigInteger)
    units_failed: int = Field(default=0, sa_type=BigInteger)
    units_total: int | None = Field(default=None, sa_type=BigInteger)
    annotation_count: int = Field(default=0, sa_type=BigInteger)
    seconds: float = 0.0
    models: list[dict[str, Any]] = _list()
    warnings: list[str] = _list()
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class ArtifactRow(SQLModel, table=True):
    """A committed file."""

    __tablename__ = "artifacts"

    id: str = Field(primary_key=True)
    job_id: str = Field(foreign_key="jobs.id", ondelete="CASCADE", index=True)
    attempt: int
    pipeline: str | None = None
    name: str
    """File name for people."""
    path: str
    """Relative to the results directory; made of server-chosen names only."""
    format: str
    media_type: str
    size_bytes: int = Field(sa_type=BigInteger)
    sha256: str
    provenance: dict[str, Any] = _json()
    created_at: float = _time()


class EventRow(SQLModel, table=True):
    """Something that happened to a job."""

    __tablename__ = "events"

    job_id: str = Field(primary_key=True, foreign_key="jobs.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    time: float = _time()
    kind: str
    payload: dict[str, Any] = _json()


class TokenRow(SQLModel, table=True):
    """An access token; its secret is stored only as a digest."""

    __tablename__ = "tokens"

    id: str = Field(primary_key=True)
    name: str
    owner: str
    scope: str
    digest: str
    created_at: float = _time()
    expires_at: float | None = _time()
    last_used_at: float | None = _time()
    revoked_at: float | None = _time()
