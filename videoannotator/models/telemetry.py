"""Keeping libraries from reporting to their makers: that videos of people are annotated here stays here."""

from __future__ import annotations

import os

DISABLED = {
    # onnxruntime reports models and sessions to Microsoft, and keeps a record of them in the user's cache, since 1.29.
    # What it has for switching that off later does not stop it.
    "ORT_DISABLE_TELEMETRY": "1",
    # pyannote.audio reports the length of what it hears and how many speakers were asked for.
    "PYANNOTE_METRICS_ENABLED": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Environment variables that switch reports off; read when the libraries are imported."""


def disable_telemetry() -> None:
    """Switch all reports off, in this process and those it starts. To be called before the libraries are imported."""
    os.environ.update(DISABLED)
