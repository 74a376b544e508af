"""What grpc.health.v1 says of the service as a whole follows what its health is."""

from __future__ import annotations

import asyncio
import logging

from grpc_health.v1 import health, health_pb2

from videoannotator.service.health import HealthProbe, Level

logger = logging.getLogger(__name__)

_INTERVAL = 5.0
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def follow_health(probe: HealthProbe, servicer: health.aio.HealthServicer) -> None:
    """Keep the answer for the whole service true until cancelled. Single services serve as long as the process does.

    Results can be read though, say, no upload can be written: a proxy that asks for a single service goes on.
    """
    served = True
    while True:
        await asyncio.sleep(_INTERVAL)
        report = await asyncio.to_thread(probe.report)
        serves = report.level is not Level.UNHEALTHY
        if serves != served:
            bad = [f"{part.name}: {part.message}" for part in report.parts if part.level is Level.UNHEALTHY]
            logger.log(logging.INFO if serves else logging.ERROR, "The service is %s.", "; ".join(bad) or "well again")
            await servicer.set("", _SERVING if serves else _NOT_SERVING)
            served = serves
