"""SystemService."""

from __future__ import annotations

import asyncio
import time

from videoannotator import __version__
from videoannotator.formats.names import OUTPUTS
from videoannotator.service.auth.access import Scope
from videoannotator.service.health import HealthProbe, Level
from videoannotator.settings import Settings
from videoannotator.v1 import system_pb2, system_pb2_grpc
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller_or_none

_STATUS = {
    Level.HEALTHY: system_pb2.HEALTH_STATUS_HEALTHY,
    Level.DEGRADED: system_pb2.HEALTH_STATUS_DEGRADED,
    Level.UNHEALTHY: system_pb2.HEALTH_STATUS_UNHEALTHY,
}


class SystemServicer(system_pb2_grpc.SystemServiceServicer):
    """Tells how the service is; strangers learn only whether it works."""

    def __init__(self, settings: Settings, probe: HealthProbe, started_at: float) -> None:
        self._settings = settings
        self._probe = probe
        self._started_at = started_at

    async def GetHealth(self, request: system_pb2.GetHealthRequest, context: Context) -> system_pb2.Health:
        """Return the health of the service."""
        report = await asyncio.to_thread(self._probe.report)
        health = system_pb2.Health(
            status=_STATUS[report.level],
            time=messages.timestamp(time.time()),
            uptime=messages.duration(time.time() - self._started_at),
        )
        if caller_or_none() is not None:
            for part in report.parts:
                health.components.add(name=part.name, status=_STATUS[part.level], message=part.message)
            health.workers.CopyFrom(
                system_pb2.WorkerStatus(
                    running_jobs=report.running_jobs,
                    pending_jobs=report.pending_jobs,
                    max_cpu_jobs=self._settings.max_concurrent_cpu_jobs,
                    max_gpu_jobs=self._settings.max_concurrent_gpu_jobs,
                    idle_workers=report.idle_workers,
                )
            )
        return health

    async def GetServerInfo(self, request: system_pb2.GetServerInfoRequest, context: Context) -> system_pb2.ServerInfo:
        """Return facts about the server."""
        principal = caller_or_none()
        return system_pb2.ServerInfo(
            version=__version__,
            api_version="v1",
            max_upload_bytes=self._settings.max_upload_bytes,
            auth_required=self._settings.require_auth,
            started_at=messages.timestamp(self._started_at),
            outputs=OUTPUTS,
            warnings=self._settings.insecurities() if principal and principal.scope >= Scope.ADMIN else [],
        )
