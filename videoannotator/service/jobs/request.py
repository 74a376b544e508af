"""A request for a job: every way of asking for one makes the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from videoannotator.outcome import ProgressUnit


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a job is to do. `videoannotator.service.jobs.validator.JobValidator` returns it in normal form.

    Fields that `videoannotator.service.database.tables.JobRow` has under the same name are stored as they are.
    """

    video_id: str
    pipelines: tuple[str, ...]
    """Names or aliases; in normal form the canonical names, each once."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """A section for each pipeline; in normal form with every default."""
    outputs: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """What was asked for and has no effect."""
    priority: int = 0
    max_attempts: int | None = None
    """None stands for the default of the service; a number in normal form."""
    retention_days: int | None = None
    """Days to keep the job after its end; 0 until someone deletes it, None as the service's rule says."""
    request_id: str | None = None
    needs_gpu: bool = False
    """Set in normal form, as what follows."""
    need_frames: tuple[str, ...] = ()
    """The pipelines that cannot work on audio alone."""
    units: Mapping[str, ProgressUnit] = field(default_factory=dict)
    """What the progress of each pipeline counts; frames unless given."""

    @property
    def digest(self) -> str:
        """Tells this request from every other; the request_id is not part of it."""
        content = {**asdict(self), "request_id": None}
        if self.retention_days is None:
            del content["retention_days"]  # as it was before the field came
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
