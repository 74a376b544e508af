"""Who did what to which video, job or token: one line of JSON each, kept apart from the log and for good."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from videoannotator.service.auth.access import Principal
from videoannotator.service.clock import Clock

logger = logging.getLogger(__name__)


class Action(StrEnum):
    """What was done."""

    VIDEO_ANNOUNCED = "video.announced"
    VIDEO_READY = "video.ready"
    VIDEO_DELETED = "video.deleted"
    JOB_SUBMITTED = "job.submitted"
    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    JOB_DELETED = "job.deleted"
    RESULT_READ = "result.read"
    TOKEN_CREATED = "token.created"  # noqa: S105 - no password
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - no password


class AuditLog:
    """Writes a file for each month. Safe to use from several threads and processes."""

    def __init__(self, directory: Path, clock: Clock, request_id: Callable[[], str] = lambda: "") -> None:
        """``request_id``: of the request that is served now; empty outside of one."""
        self._directory = directory
        self._clock = clock
        self._request_id = request_id

    def record(self, principal: Principal, action: Action, **what: str | int | None) -> None:
        """Add a line. What was done is done: a disk that does not take the line is told in the log."""
        when = datetime.fromtimestamp(self._clock(), UTC)
        line = {
            "time": when.isoformat(timespec="milliseconds"),
            "action": action,
            "owner": principal.owner,
            "token_id": principal.token_id,
            "request_id": self._request_id() or None,
            **what,
        }
        try:
            self._append(self._directory / f"{when:%Y-%m}.jsonl", json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            logger.error("The audit log does not take a line (%s): %s", error.strerror, line)

    def _append(self, path: Path, line: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one call, so that lines of two writers do not mix.
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
