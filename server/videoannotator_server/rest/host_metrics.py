"""Facts about the machine that the service runs on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

_ASK_GPU = ("--query-gpu=name,memory.total,memory.used,memory.free,driver_version", "--format=csv,noheader,nounits")
_GPU_TIMEOUT = 3.0
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor; memory in MiB."""

    name: str
    total: int
    used: int
    free: int
    driver: str


def gpus() -> list[Gpu]:
    """Return the NVIDIA processors of the machine, as its driver tells them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        asked = subprocess.run([program, *_ASK_GPU], capture_output=True, text=True, timeout=_GPU_TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in asked.stdout.splitlines()]
    return [
        Gpu(name, int(total), int(used), int(free), driver)
        for name, total, used, free, driver in (row for row in rows if len(row) == 5)
        if total.isdecimal() and used.isdecimal() and free.isdecimal()
    ]


def disk(path: Path) -> dict[str, Any]:
    """Return total, used and free bytes of the disk of ``path``, and how full it is in percent."""
    usage = psutil.disk_usage(str(path))
    return {"total": usage.total, "used": usage.used, "free": usage.free, "percent": usage.percent}


def disk_in_gb(path: Path) -> dict[str, Any]:
    """Return the same in units of a billion bytes."""
    usage = psutil.disk_usage(str(path))
    return {
        "total_gb": round(usage.total / _GB, 2),
        "used_gb": round(usage.used / _GB, 2),
        "free_gb": round(usage.free / _GB, 2),
        "percent_used": usage.percent,
    }


def system(path: Path) -> dict[str, Any]:
    """Return platform, processors, memory and disk."""
    memory = psutil.virtual_memory()
    return {
        "platform": sys.platform,
        "python_version": sys.version.split()[0],
        "cpu_count": psutil.cpu_count(),
        "cpu_percent": psutil.cpu_percent(),
        "memory_percent": memory.percent,
        "memory": {
            "total": memory.total,
            "available": memory.available,
            "percent": memory.percent,
            "used": memory.used,
            "free": memory.free,
        },
        "disk": disk(path),
    }


def decoder() -> dict[str, Any]:
    """Return whether videos can be decoded here, and by what."""
    try:
        return {"available": True, "version": f"PyAV {version('av')}"}
    except PackageNotFoundError:
        return {"available": False, "version": None}
