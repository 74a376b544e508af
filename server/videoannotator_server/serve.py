"""``videoannotator serve``: from settings to a served port and back to an exit code."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from videoannotator.errors import VideoAnnotatorError
from videoannotator.settings import Settings, load_settings
from videoannotator_server import logs
from videoannotator_server.application import Application

EXIT_CONFIGURATION = 2
_THREADS = 16

logger = logging.getLogger("videoannotator.server")


def serve(overrides: Mapping[str, Any]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code.

    Args:
        overrides: Fields of Settings that the command line set.

    """
    try:
        settings = load_settings(overrides)
        logs.configure(settings.log_level, settings.log_format)
        return asyncio.run(_serve(settings))
    except VideoAnnotatorError as error:
        _complain(error)
        return EXIT_CONFIGURATION


async def _serve(settings: Settings) -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="library"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    application = Application(settings)
    port = await application.start()
    for warning in settings.insecurities():
        logger.warning(warning)
    if token := application.first_token():
        print(f"admin token (shown only now): {token}", flush=True)
    print(f"serving gRPC on {settings.host}:{port}", flush=True)
    await stop.wait()
    logger.info("stopping: running jobs have %g seconds to end, then they are requeued", settings.shutdown_grace)
    await application.stop()
    return 0


def _complain(error: VideoAnnotatorError) -> None:
    print(f"{error.code}: {error.message}", file=sys.stderr)
    for violation in error.violations:
        print(f"  {violation.field}: {violation.message}", file=sys.stderr)
    print(f"hint: {error.hint}", file=sys.stderr)
