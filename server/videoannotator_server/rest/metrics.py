"""Counts as Prometheus reads them (text exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from videoannotator import __version__
from videoannotator.service.health import HealthReport, Level
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.statistics import WorkDone
from videoannotator_server.statistics import CallStatistics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(report: HealthReport, done: WorkDone, calls: CallStatistics, uptime: float, free_bytes: int) -> str:
    """Return every metric with its value. ``uptime``: seconds; ``free_bytes``: of the storage's disk."""
    return "\n".join(_families(report, done, calls, uptime, free_bytes)) + "\n"


def _families(
    report: HealthReport, done: WorkDone, calls: CallStatistics, uptime: float, free_bytes: int
) -> Iterator[str]:
    yield from _family("info", "gauge", "Version of the program.", {f'{{version="{__version__}"}}': 1})
    yield from _family("up", "gauge", "Whether the service works.", {"": int(report.level is not Level.UNHEALTHY)})
    yield from _family("uptime_seconds", "gauge", "Time since the start.", {"": round(uptime, 3)})
    jobs = {f'{{status="{status}"}}': report.jobs.get(status, 0) for status in JobStatus}
    yield from _family("jobs", "gauge", "Jobs that are kept, by status.", jobs)
    yield from _family("idle_workers", "gauge", "Warm workers without a job.", {"": report.idle_workers})
    annotations = {"": done.annotations}
    yield from _family("annotations", "gauge", "Records of all runs that are kept.", annotations)
    yield from _family("storage_free_bytes", "gauge", "Free space of the storage's disk.", {"": free_bytes})
    tallies = list(calls)
    counts = {_labels(method, code): tally.count for method, code, tally in tallies}
    yield from _family("calls_total", "counter", "Calls that have ended, by how.", counts)
    seconds = {_labels(method, code): round(tally.seconds, 6) for method, code, tally in tallies}
    yield from _family("call_seconds_total", "counter", "Time that those calls took.", seconds)


def _family(name: str, kind: str, meaning: str, samples: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP videoannotator_{name} {meaning}"
    yield f"# TYPE videoannotator_{name} {kind}"
    for labels, number in samples.items():
        yield f"videoannotator_{name}{labels} {number}"


def _labels(method: str, code: str) -> str:
    service, _, name = method.lstrip("/").partition("/")
    return f'{{service="{service}",method="{name}",code="{code}"}}'
