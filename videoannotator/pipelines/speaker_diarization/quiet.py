"""Keeping pyannote.audio quiet: towards the network above all, and towards the terminal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from videoannotator.models.telemetry import disable_telemetry


@contextmanager
def quietly() -> Iterator[None]:
    """Import pyannote.audio and load its models in here: no telemetry, and no warning that it cannot open files."""
    disable_telemetry()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
