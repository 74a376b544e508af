"""What went wrong, in the one shape that the command line prints, wherever it came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from videoannotator.errors import VideoAnnotatorError, Violation


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of this program, of a call, or of a job. ``status`` is the name of its gRPC status."""

    code: str
    message: str
    status: str
    hint: str | None = None
    field: str | None = None
    violations: tuple[Violation, ...] = ()
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, error: VideoAnnotatorError) -> Failure:
        """Return the failure that ``error`` is."""
        violations = tuple(error.violations)
        return cls(error.code, error.message, error.grpc_status, error.hint, error.field, violations, error.detail)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, an error envelope with its violations in ``detail``."""
        detail = dict(self.detail)
        if self.violations:
            detail["violations"] = [violation.as_dict() for violation in self.violations]
        return {"code": self.code, "message": self.message, "detail": detail, "hint": self.hint, "field": self.field}
