"""Probing a file in a process of its own, so that a hostile file cannot hurt the service."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import asdict
from pathlib import Path

from videoannotator.child_environment import child_environment
from videoannotator.errors import CorruptMediaError
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.outcome import ErrorRecord

logger = logging.getLogger(__name__)


async def probe_in_process(path: Path, limits: MediaLimits | None = None, timeout: float = 30.0) -> MediaInfo:
    """Return what the file is. At most ``timeout`` seconds later nothing of the process is left, also if cancelled.

    Raises:
        VideoAnnotatorError: What `videoannotator.media.probe.probe` raises.
        CorruptMediaError: Probing crashed or took too long.
    """
    arguments = ("-m", "videoannotator.media.probe", os.fspath(path), json.dumps(asdict(limits or MediaLimits())))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        env=child_environment(os.environ),
    )
    try:
        async with asyncio.timeout(timeout):
            output, complaint = await process.communicate()
    except TimeoutError as error:
        raise CorruptMediaError(f"Probing the file took longer than {timeout:g} s.", {"timeout": timeout}) from error
    finally:
        await _end(process)
    if process.returncode != 0:
        logger.warning("Probing %s ended with %s: %s", path, process.returncode, _last_line(complaint))
        raise CorruptMediaError("Probing the file crashed: its data is damaged or needs too much memory.")
    return _answer(output)


def _answer(output: bytes) -> MediaInfo:
    answer = json.loads(output)
    if "error" in answer:
        raise ErrorRecord.model_validate(answer["error"]).exception()
    return MediaInfo.model_validate(answer["info"])


async def _end(process: Process) -> None:
    """Kill the process and whatever it started, and reap it."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("Process group %s had ended already.", process.pid)
        await process.wait()


def _last_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
