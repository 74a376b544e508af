"""Whether the service works, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from videoannotator.errors import VideoAnnotatorError
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.statistics import JobStatistics
from videoannotator.service.storage_layout import Layout


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


class HealthProbe:
    """Looks at every part."""

    def __init__(
        self,
        statistics: JobStatistics,
        layout: Layout,
        registry: Registry,
        availability: Availability,
        min_free_bytes: int,
        idle_workers: Callable[[], int],
    ) -> None:
        self._statistics = statistics
        self._layout = layout
        self._registry = registry
        self._availability = availability
        self._min_free_bytes = min_free_bytes
        self._idle_workers = idle_workers

    def report(self) -> HealthReport:
        """Return how everything is now."""
        counts: dict[JobStatus, int] = {}
        try:
            counts = self._statistics.counts()
            database = Part("database", Level.HEALTHY, f"{sum(counts.values())} jobs")
        except VideoAnnotatorError as error:
            database = Part("database", Level.UNHEALTHY, error.message)
        return HealthReport(
            parts=(database, self._storage(), self._pipelines()),
            jobs=counts,
            idle_workers=self._idle_workers(),
        )

    def _storage(self) -> Part:
        try:
            free = self._layout.free_bytes()
        except OSError as error:
            return Part("storage", Level.UNHEALTHY, f"the storage directory cannot be read: {error.strerror}")
        level = Level.HEALTHY if free >= self._min_free_bytes else Level.DEGRADED
        return Part("storage", level, f"{free} bytes free; uploads need {self._min_free_bytes}")

    def _pipelines(self) -> Part:
        unusable = [spec.name for spec in self._registry if self._availability.problems(spec)]
        if not unusable:
            return Part("pipelines", Level.HEALTHY, f"{len(self._registry)} pipelines can run")
        level = Level.UNHEALTHY if len(unusable) == len(self._registry) else Level.DEGRADED
        return Part("pipelines", level, f"cannot run here: {', '.join(unusable)}")
