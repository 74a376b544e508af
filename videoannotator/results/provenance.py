"""Where a result comes from: everything needed to make it again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import videoannotator
from videoannotator.media.info import MediaInfo
from videoannotator.outcome import ModelProvenance
from videoannotator.results.durable_files import text_file

NAME = "provenance.json"

_LIBRARIES = (
    *("av", "ctranslate2", "deepface", "faster-whisper", "numpy", "onnxruntime", "opencv-python-headless"),
    *("pyannote-audio", "scenedetect", "scipy", "torch", "trackers"),
)


def program() -> dict[str, Any]:
    """Return name and version of this program, and of the libraries that have a say in its results."""
    return {
        "name": "videoannotator",
        "version": videoannotator.__version__,
        "python": platform.python_version(),
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name))},
    }


def video(name: str, filename: str, info: MediaInfo, sha256: str) -> dict[str, Any]:
    """Return what identifies the input. ``name``: in ids; ``filename``: as its owner knows it."""
    return {
        "name": name,
        "filename": filename,
        "sha256": sha256,
        "duration_seconds": info.duration,
        "width": info.width,
        "height": info.height,
        "frame_rate": info.frame_rate,
    }


def pipeline(name: str, config: Mapping[str, Any], models: Sequence[ModelProvenance], frames: int) -> dict[str, Any]:
    """Return what one pipeline did. ``config`` is its normal form, ``frames`` how many it looked at."""
    return {
        "name": name,
        "config": dict(config),
        "models": [model.model_dump(mode="json") for model in models],
        "frames_looked_at": frames,
    }


def timestamp(moment: datetime) -> str:
    """Return an aware ``moment`` as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write ``provenance.json``: program, video, times, and each pipeline's configuration and models."""
    with text_file(path) as file:
        file.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
