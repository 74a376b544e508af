"""How many jobs one owner may have at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from videoannotator.errors import QuotaExceededError
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.tables import JobRow
from videoannotator.service.jobs.states import TERMINAL

_OPEN_JOBS: Any = select(func.count()).where(JobRow.owner == bindparam("owner"), col(JobRow.status).not_in([*TERMINAL]))


class JobQuota:
    """Limits the jobs of one owner that have not ended."""

    def __init__(self, max_open_jobs: int) -> None:
        self._max_open_jobs = max_open_jobs

    def check(self, session: Session, principal: Principal) -> None:
        """Refuse one more job.

        Raises:
            QuotaExceededError: The owner has as many as are allowed.
        """
        if session.exec(_OPEN_JOBS, params={"owner": principal.owner}).one() >= self._max_open_jobs:
            raise QuotaExceededError(
                f"{principal.owner} has {self._max_open_jobs} jobs that have not ended, which is the most allowed.",
                {"limit": self._max_open_jobs},
            )
