"""How far the pipelines of a running attempt are: watchers see every step, the database one state a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from videoannotator.outcome import ProgressUnit
from videoannotator.service.jobs.events import EventKind, Moment
from videoannotator.service.jobs.states import RunStatus

WRITE_INTERVAL = 1.0
"""Least time between two writes of a job's progress, in seconds, however many pipelines it has."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far one pipeline of an attempt is, in its unit: frames looked at, or seconds of audio listened to."""

    pipeline: str
    done: int
    failed: int
    total: int | None

    @property
    def fraction(self) -> float:
        """Part that is done, 0 to 1; an estimate that never says finished."""
        if not self.total:
            return 0.0
        return min((self.done + self.failed) / self.total, 0.99)


def job_fraction(fractions: Iterable[float]) -> float:
    """Return the part of a job that is done, from that of each of its pipelines; only a commit finishes it."""
    each = tuple(fractions)
    return min(sum(each) / len(each), 0.99) if each else 0.0


class AttemptProgress:
    """The progress of one attempt in memory; none of its numbers ever falls."""

    def __init__(self, job_id: str, units: Mapping[str, ProgressUnit], started_at: float) -> None:
        """``units``: what each pipeline of the job counts; ``started_at``: seconds of a clock that only rises."""
        self._job_id = job_id
        self._units = units
        self._fractions = dict.fromkeys(units, 0.0)
        self._unwritten: dict[str, RunProgress] = {}
        self._written_at = started_at

    def advance(self, progress: RunProgress, time: float) -> Moment:
        """Take note of a step at ``time`` in Unix seconds; return what watchers are shown."""
        pipeline = progress.pipeline
        self._fractions[pipeline] = max(self._fractions[pipeline], progress.fraction)
        self._unwritten[pipeline] = progress
        payload = {
            "pipeline": pipeline,
            "status": RunStatus.RUNNING,
            "progress": self._fractions[pipeline],
            "unit": self._units[pipeline],
            "units_done": progress.done,
            "units_failed": progress.failed,
            "units_total": progress.total,
            "job_progress": job_fraction(self._fractions.values()),
        }
        return Moment(self._job_id, time, EventKind.PROGRESS, payload)

    def end(self, pipeline: str) -> None:
        """Take note that a pipeline ended, which is written down by itself."""
        self._fractions[pipeline] = 1.0
        self._unwritten.pop(pipeline, None)

    def is_due(self, now: float) -> bool:
        """Return whether it is time to write."""
        return bool(self._unwritten) and now - self._written_at >= WRITE_INTERVAL

    def take(self, now: float) -> Sequence[RunProgress]:
        """Return what is not written yet, and count it as written."""
        taken, self._unwritten = tuple(self._unwritten.values()), {}
        self._written_at = now
        return taken
