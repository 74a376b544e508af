"""Whether the service works, part by part."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from videoannotator.errors import VideoAnnotatorError
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.statistics import JobStatistics
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.repository import VideoRepository

MAX_SILENCE = 60.0
"""Seconds after which a queue that nothing looked at counts as stuck; it is looked at every 5 s."""
LEASE_PATIENCE = 60.0
"""Seconds for which an attempt may be without a valid lease: the service settles such attempts twice a minute."""


class Level(IntEnum):
    """How well a part works."""

    HEALTHY = 1
    DEGRADED = 2
    UNHEALTHY = 3


@dataclass(frozen=True, slots=True)
class Part:
    """The health of one part, with numbers in words."""

    name: str
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The health of the service."""

    parts: tuple[Part, ...]
    jobs: Mapping[JobStatus, int]
    """Number of jobs in each status; empty when the database does not answer."""
    idle_workers: int

    @property
    def running_jobs(self) -> int:
        """Jobs that have a worker."""
        return self.jobs.get(JobStatus.RUNNING, 0) + self.jobs.get(JobStatus.CANCELLING, 0)

    @property
    def pending_jobs(self) -> int:
        """Jobs that wait."""
        return self.jobs.get(JobStatus.PENDING, 0)

    def part(self, name: str) -> Part:
        """Return one part."""
        return next(part for part in self.parts if part.name == name)

    @property
    def level(self) -> Level:
        """The worst of the parts."""
        return max(part.level for part in self.parts)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the service's own parts say of themselves, asked anew each time."""

    idle_workers: Callable[[], int]
    seconds_since_look: Callable[[], float]
    """How long ago the queue was looked at."""
    serves_rest: Callable[[], bool] | None
    """Whether Envoy runs; None where the service has none."""


class HealthProbe:
    """Looks at every part."""

    def __init__(
        self,
        statistics: JobStatistics,
        videos: VideoRepository,
        layout: Layout,
        registry: Registry,
        availability: Availability,
        min_free_bytes: int,
        vitals: Vitals,
    ) -> None:
        self._statistics = statistics
        self._videos = videos
        self._layout = layout
        self._registry = registry
        self._availability = availability
        self._min_free_bytes = min_free_bytes
        self._vitals = vitals

    def report(self) -> HealthReport:
        """Return how everything is now."""
        counts: dict[JobStatus, int] = {}
        try:
            counts = self._statistics.counts()
            database = Part("database", Level.HEALTHY, f"{sum(counts.values())} jobs")
        except VideoAnnotatorError as error:
            database = Part("database", Level.UNHEALTHY, error.message)
        return HealthReport(
            parts=(database, self._storage(), self._queue(), *self._rest(), self._pipelines()),
            jobs=counts,
            idle_workers=self._vitals.idle_workers(),
        )

    def _storage(self) -> Part:
        if problems := self._layout.unusable():
            return Part("storage", Level.UNHEALTHY, "; ".join(problems))
        free = self._layout.free_bytes()
        try:
            to_come = self._videos.bytes_to_come()
        except VideoAnnotatorError:
            to_come = 0  # the database says so itself
        found = f"{free} bytes free; uploads need {self._min_free_bytes}, and {to_come} are announced"
        enough = free - to_come >= self._min_free_bytes
        return Part("storage", Level.HEALTHY if enough else Level.DEGRADED, found)

    def _queue(self) -> Part:
        silence = self._vitals.seconds_since_look()
        if silence > MAX_SILENCE:
            return Part("queue", Level.UNHEALTHY, f"not looked at for {silence:.0f} s; no job starts")
        try:
            expired = self._statistics.expired_leases(time.time() - LEASE_PATIENCE)
        except VideoAnnotatorError as error:
            return Part("queue", Level.UNHEALTHY, error.message)
        if expired:
            return Part("queue", Level.DEGRADED, f"{expired} jobs count as running, but nothing was heard of them")
        return Part("queue", Level.HEALTHY, f"looked at {silence:.0f} s ago")

    def _rest(self) -> tuple[Part, ...]:
        serves = self._vitals.serves_rest
        if serves is None:
            return ()
        if serves():
            return (Part("rest", Level.HEALTHY, "Envoy runs"),)
        return (Part("rest", Level.DEGRADED, "Envoy does not run; it is started again"),)

    def _pipelines(self) -> Part:
        unusable = [spec.name for spec in self._registry if self._availability.problems(spec)]
        if not unusable:
            return Part("pipelines", Level.HEALTHY, f"{len(self._registry)} pipelines can run")
        level = Level.UNHEALTHY if len(unusable) == len(self._registry) else Level.DEGRADED
        return Part("pipelines", level, f"cannot run here: {', '.join(unusable)}")
