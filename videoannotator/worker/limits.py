"""What keeps a worker that opens untrusted media, or lost its server, from doing harm."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

_MAX_OPEN_FILES = 1024
_PR_SET_PDEATHSIG = 1
_NICENESS = 10


def limit_resources(memory_bytes: int) -> None:
    """Limit this process's address space (0: not) and open files, and let it dump no core with pictures of people."""
    for what, wanted in (
        *([(resource.RLIMIT_AS, memory_bytes)] if memory_bytes else []),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (limit, limit))


def lower_priority() -> None:
    """Let the server go first when both want the processor: it must answer while every core computes."""
    os.nice(_NICENESS)
    # Linux shares processors out between sessions first, and a worker has one for itself.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))


def die_with_parent() -> None:
    """Have the kernel kill this process when the server dies, even while native code holds the interpreter."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with_group() -> None:
    """Kill this process and everything that it started, at once."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
