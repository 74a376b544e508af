"""``videoannotator serve``: from settings to a served port and back to an exit code."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from videoannotator.errors import ConfigurationError, VideoAnnotatorError
from videoannotator.settings import Settings, load_settings, setting_warnings
from videoannotator_server import logs
from videoannotator_server.application import Application
from videoannotator_server.rest.gateway import Gateway

EXIT_CONFIGURATION = 2
_THREADS = 16
_M_ARENA_MAX = -8

logger = logging.getLogger(__name__)


def serve(overrides: Mapping[str, Any]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code.

    Args:
        overrides: Fields of Settings that the command line set.
    """
    _share_free_memory()
    try:
        settings = _settings(overrides)
        logs.configure(settings.log_level, settings.log_format)
        for warning in setting_warnings():
            logger.warning(warning)
        return asyncio.run(_serve(settings))
    except VideoAnnotatorError as error:
        _print_error(error)
        return EXIT_CONFIGURATION


def _settings(overrides: Mapping[str, Any]) -> Settings:
    """Read the settings. Those that are refused may be wrong because a name is misspelt: say that too."""
    try:
        return load_settings(overrides)
    except ConfigurationError:
        for warning in setting_warnings():
            print(f"warning: {warning}", file=sys.stderr)
        raise


def _share_free_memory() -> None:
    """Keep two heaps for all threads, not eight for each processor: what an upload freed in one is used by the next."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # a C library that has no such choice
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


async def _serve(settings: Settings) -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="library"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    application = Application(settings)
    gateway = Gateway(settings, application.logs / "envoy.log") if settings.rest else None
    port = await application.start(gateway)
    try:
        if gateway:
            await gateway.start()
        return await _serve_until(stop, application, settings, port, gateway)
    finally:
        await application.stop()
        if gateway:
            await gateway.stop()


async def _serve_until(
    stop: asyncio.Event, application: Application, settings: Settings, port: int, gateway: Gateway | None
) -> int:
    for warning in settings.insecurities():
        logger.warning(warning)
    if token := application.first_token():
        print(f"admin token (shown only now): {token}", flush=True)
    if gateway:
        print(f"serving REST on {gateway.url}", flush=True)
    print(f"serving gRPC on {settings.host}:{port}", flush=True)
    await stop.wait()
    logger.info("Stopping: running jobs have %g seconds to end, then they are requeued.", settings.shutdown_grace)
    return 0


def _print_error(error: VideoAnnotatorError) -> None:
    print(f"{error.code}: {error.message}", file=sys.stderr)
    for violation in error.violations:
        print(f"  {violation.field}: {violation.message}", file=sys.stderr)
    print(f"hint: {error.hint}", file=sys.stderr)
