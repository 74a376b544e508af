"""Health, version, counts and settings as REST clients read them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.api import httpbody_pb2

from videoannotator import __version__
from videoannotator.pipelines.registry import Registry
from videoannotator.rest.v1 import rest_pb2
from videoannotator.service.health import HealthProbe, HealthReport, Level
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.jobs.statistics import JobStatistics
from videoannotator.settings import Settings
from videoannotator.v1 import system_pb2
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller, caller_or_none
from videoannotator_server.rest import host_metrics, metrics
from videoannotator_server.rest.responses import reply
from videoannotator_server.statistics import CallStatistics

_API = "v1"
_OLDER_LEVELS = {Level.HEALTHY: "ok", Level.DEGRADED: "warning", Level.UNHEALTHY: "error"}


class SystemHandlers:
    """The calls about the service itself that REST has for itself."""

    def __init__(
        self,
        settings: Settings,
        probe: HealthProbe,
        jobs: JobStatistics,
        registry: Registry,
        statistics: CallStatistics,
        started_at: float,
    ) -> None:
        self._settings = settings
        self._probe = probe
        self._jobs = jobs
        self._registry = registry
        self._statistics = statistics
        self._started_at = started_at

    async def GetHealth(self, request: system_pb2.GetHealthRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return the health of the service and, to callers with a token, of its machine."""
        report = await asyncio.to_thread(self._probe.report)
        content = {
            "status": report.level.name.lower(),
            "timestamp": _now(),
            "api_version": _API,
            "version": __version__,
            "videoannotator_version": __version__,
            "uptime_seconds": round(self._uptime(), 3),
            "security": {"auth_required": self._settings.require_auth},
        }
        if caller_or_none() is not None:
            content |= await asyncio.to_thread(self._inside, report)
        return await reply(context, content)

    async def GetBriefHealth(self, request: system_pb2.GetHealthRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return whether the service works."""
        report = await asyncio.to_thread(self._probe.report)
        known = caller_or_none() is not None
        database = report.part("database")
        content = {
            "status": report.level.name.lower(),
            "api_version": _API,
            "videoannotator_version": __version__,
            "message": "VideoAnnotator is running",
            "logging": self._settings.log_format,
            "memory_percent": host_metrics.system(self._storage)["memory_percent"] if known else None,
            "database": {
                "status": database.level.name.lower(),
                "message": database.message if known else None,
            },
        }
        return await reply(context, content)

    async def CheckHealth(self, request: rest_pb2.CheckHealthRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return whether the service works, as a status."""
        report = await asyncio.to_thread(self._probe.report)
        works = report.level is not Level.UNHEALTHY
        content: dict[str, Any] = {
            "status": "ok" if works else "unhealthy",
            "version": __version__,
            "timestamp": _now(),
        }
        if request.detailed:
            caller()
            content["details"] = await asyncio.to_thread(self._details, report)
        return await reply(context, content, 200 if works else 503)

    async def GetSystemMetrics(
        self, request: rest_pb2.GetSystemMetricsRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        """Return counts as JSON."""
        report = await asyncio.to_thread(self._probe.report)
        done = await asyncio.to_thread(self._jobs.work_done)
        system = await asyncio.to_thread(host_metrics.system, self._storage)
        counts = {
            **_job_counts(report),
            "total_annotations": done.annotations,
            "api_requests_total": self._statistics.count,
            "response_time_avg": self._statistics.average_seconds,
            "pipeline_processing_time_avg": done.average_seconds,
            "uptime_seconds": self._uptime(),
        }
        performance = {
            "cpu_usage": system["cpu_percent"],
            "memory_usage": system["memory_percent"],
            "disk_usage": system["disk"]["percent"],
        }
        return await reply(context, {"timestamp": _now(), "metrics": counts, "performance": performance})

    async def GetSystemConfig(
        self, request: rest_pb2.GetSystemConfigRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        """Return limits and switches; no paths, no addresses, no secrets."""
        shown = {name: value for name, value in self._settings if isinstance(value, bool | int | float)}
        features = {
            "authentication": self._settings.require_auth,
            "rate_limiting": True,
            "webhooks": False,
            "async_processing": True,
        }
        return await reply(context, {"configuration": shown, "environment": "production", "features": features})

    async def GetDatabaseInfo(
        self, request: rest_pb2.GetDatabaseInfoRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        """Return what the database holds; not where it is."""
        report = await asyncio.to_thread(self._probe.report)
        done = await asyncio.to_thread(self._jobs.work_done)
        kind = self._settings.effective_database_url.partition(":")[0].partition("+")[0]
        statistics = {**_job_counts(report), "total_jobs": sum(report.jobs.values())}
        statistics |= {f"{status}_jobs": report.jobs.get(status, 0) for status in JobStatus}
        statistics["total_annotations"] = done.annotations
        content = {"backend_type": kind, "connection_info": {}, "statistics": statistics, "schema_version": 1}
        return await reply(context, content)

    async def GetMetrics(self, request: rest_pb2.GetMetricsRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return counts for Prometheus."""
        report = await asyncio.to_thread(self._probe.report)
        done = await asyncio.to_thread(self._jobs.work_done)
        free_bytes = host_metrics.disk(self._storage)["free"]
        text = metrics.exposition(report, done, self._statistics, self._uptime(), free_bytes)
        return httpbody_pb2.HttpBody(content_type=metrics.CONTENT_TYPE, data=text.encode())

    @property
    def _storage(self) -> Path:
        return self._settings.storage_dir

    def _uptime(self) -> float:
        return max(0.0, datetime.now(UTC).timestamp() - self._started_at)

    def _places(self) -> int:
        return self._settings.max_concurrent_cpu_jobs + self._settings.max_concurrent_gpu_jobs

    def _inside(self, report: HealthReport) -> dict[str, Any]:
        database, storage, queue, pipelines = (
            report.part(name) for name in ("database", "storage", "queue", "pipelines")
        )
        busy = "busy" if report.running_jobs else "idle"
        slots = self._places()
        disk = host_metrics.disk(self._storage)
        of_database = {"status": database.level.name.lower(), "message": database.message}
        return {
            "system": host_metrics.system(self._storage),
            "database": of_database,
            **_gpu(),
            "pipelines": {"total": len(self._registry), "names": list(self._registry.names)},
            "workers": {
                "status": "stopped" if queue.level is Level.UNHEALTHY else "running",
                "active_jobs": report.running_jobs,
                "queued_jobs": report.pending_jobs,
                "idle_workers": report.idle_workers,
                "max_concurrent_workers": slots,
            },
            "worker_info": {
                "active_jobs": report.running_jobs,
                "queued_jobs": report.pending_jobs,
                "max_concurrent_jobs": slots,
                "worker_status": "overloaded" if report.pending_jobs > 10 * slots else busy,
            },
            "services": {
                "database": of_database,
                "job_queue": "embedded",
                **{part.name: part.level.name.lower() for part in report.parts if part.name in ("queue", "rest")},
                "pipelines": pipelines.level.name.lower(),
            },
            "diagnostics": {
                "database": of_database,
                "storage": {
                    "status": storage.level.name.lower(),
                    "disk_usage_percent": disk["percent"],
                    "message": storage.message,
                },
                "queue": {"status": queue.level.name.lower(), "message": queue.message},
                "ffmpeg": host_metrics.decoder(),
            },
        }

    def _details(self, report: HealthReport) -> dict[str, Any]:
        database, storage, pipelines = (report.part(name) for name in ("database", "storage", "pipelines"))
        return {
            "database": {
                "status": _OLDER_LEVELS[database.level],
                "message": database.message,
                "jobs_count": sum(report.jobs.values()),
            },
            "storage": {
                "status": _OLDER_LEVELS[storage.level],
                "message": storage.message,
                **host_metrics.disk_in_gb(self._storage),
            },
            "gpu": _gpu()["gpu"],
            "registry": {
                "status": _OLDER_LEVELS[pipelines.level],
                "pipelines_loaded": len(self._registry),
                "pipeline_names": list(self._registry.names),
            },
        }


def _job_counts(report: HealthReport) -> dict[str, int]:
    return {
        "jobs_total": sum(report.jobs.values()),
        "jobs_active": report.running_jobs + report.pending_jobs,
        **{f"jobs_{status}": report.jobs.get(status, 0) for status in JobStatus},
    }


def _gpu() -> dict[str, Any]:
    found = host_metrics.gpus()
    if not found:
        absent = {"available": False, "reason": "no NVIDIA driver was found"}
        return {"gpu": absent, "gpu_status": {"available": False, "device_name": None}}
    first = found[0]
    return {
        "gpu": {
            "available": True,
            "device_count": len(found),
            "device_name": first.name,
            "devices": [{"name": each.name, "memory_total_gb": round(each.total / 1024, 2)} for each in found],
        },
        "gpu_status": {
            "available": True,
            "device_name": first.name,
            "driver_version": first.driver,
            "memory_total": first.total * 2**20,
            "memory_used": first.used * 2**20,
            "memory_free": first.free * 2**20,
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
