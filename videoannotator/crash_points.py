"""Named places at which a fault test can have the process killed, as a power cut would.

A process dies at the point that the environment variable VIDEOANNOTATOR_CRASH_AT names, and at no other time.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "VIDEOANNOTATOR_CRASH_AT"


def crash_point(name: str) -> None:
    """Die here if a fault test asked for it."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
