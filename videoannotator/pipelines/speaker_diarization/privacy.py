"""Keeping pyannote.audio quiet: towards the network above all, and towards the terminal."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quietly() -> Iterator[None]:
    """Import pyannote.audio and load its models in here: no telemetry, and no warning that it cannot open files.

    It asks the environment whenever it is about to report something, so it stays silent from then on.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
