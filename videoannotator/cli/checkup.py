"""What `doctor` looks at. Every check finds something out by itself and says what to do when it is not good."""

from __future__ import annotations

import importlib
import platform
import shutil
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from rich.filesize import decimal
from videoannotator_client import Client

from videoannotator import __version__
from videoannotator.errors import VideoAnnotatorError
from videoannotator.models.telemetry import disable_telemetry

_EXTRAS = {
    "server": ("grpc_health", "grpc_reflection", "sqlmodel", "alembic", "psutil"),
    "rest": ("envoy",),
    "ml": ("av", "numpy", "onnxruntime", "cv2", "scenedetect", "trackers"),
    "face": ("deepface", "retinaface"),
    "audio": ("faster_whisper", "pyannote.audio", "safetensors", "torch", "torchaudio"),
    "formats": ("praatio", "pyarrow", "pympi"),
}
"""What tells that an extra is installed; packages that several of them bring are named once."""
_LOW_DISK = 10 * 2**30
_TIMEOUT = 5.0


class Grade(StrEnum):
    """How good a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """A finding; ``remedy`` is empty when all is well."""

    grade: Grade
    name: str
    found: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"check": self.name, "grade": self.grade.value, "found": self.found, "remedy": self.remedy}


def installation_checks(storage_dir: Path | None) -> list[Check]:
    """Look at this machine."""
    return [_python(), *_packages(), *_opencv(), *_models(), *_settings_and_disk(storage_dir)]


def server_checks(client: Client) -> Iterator[Check]:
    """Look at the server and at what the token is worth there."""
    try:
        info = client.server_info(timeout=_TIMEOUT)
    except VideoAnnotatorError as error:
        yield Check(
            Grade.FAIL,
            "server",
            error.message,
            "Start it with `videoannotator serve`, or name another with --server.",
        )
        return
    same = info.version == __version__
    yield Check(
        Grade.OK if same else Grade.WARN,
        "server",
        f"version {info.version} at {client.settings.target}",
        "" if same else f"This command line is {__version__}; install the same version on both sides.",
    )
    for warning in info.warnings:
        yield Check(Grade.WARN, "server settings", warning, "See docs/configuration.md.")
    try:
        client.jobs(limit=1)
    except VideoAnnotatorError as error:
        yield Check(Grade.FAIL, "token", error.message, error.hint or "")
    else:
        yield Check(Grade.OK, "token", "accepted" if info.auth_required else "not needed by this server")


def _python() -> Check:
    return Check(Grade.OK, "python", f"{platform.python_version()} in {sys.prefix}")


def _packages() -> Iterator[Check]:
    for extra, modules in _EXTRAS.items():
        absent = [module for module in modules if not _is_there(module)]
        if len(absent) == len(modules):
            yield Check(Grade.WARN, f"packages [{extra}]", "not installed", _install(extra, "if wanted here: "))
            continue
        broken = [*absent, *(module for module in modules if module not in absent and not _imports(module))]
        if broken:
            yield Check(Grade.FAIL, f"packages [{extra}]", f"cannot import {', '.join(broken)}", _install(extra))
        else:
            yield Check(Grade.OK, f"packages [{extra}]", f"{len(modules)} import")


def _install(extra: str, condition: str = "") -> str:
    return f"{condition}pip install 'videoannotator[{extra}]'"


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is part of
        return False


def _imports(module: str) -> bool:
    try:
        disable_telemetry()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(module)
    except Exception:  # noqa: BLE001 - a broken package can raise anything; that it does is the finding
        return False
    return True


def _opencv() -> Iterator[Check]:
    """OpenCV comes under several names that overwrite each other's files; exactly one may be installed."""
    owners = sorted(set(packages_distributions().get("cv2", ())))
    if len(owners) == 1:
        yield Check(Grade.OK, "opencv", f"{owners[0]} {version(owners[0])}")
    elif owners:
        remedy = f"pip uninstall -y {' '.join(owners)}; pip install --force-reinstall --no-deps opencv-python-headless"
        yield Check(Grade.FAIL, "opencv", f"{len(owners)} at once: {', '.join(owners)}", remedy)


def _models() -> Iterator[Check]:
    try:
        from videoannotator.models.inventory import State, model_statuses
        from videoannotator.models.store import ModelStore
        from videoannotator.settings import load_settings

        found = list(model_statuses(ModelStore(load_settings().models_dir)))
    except (ImportError, VideoAnnotatorError) as error:
        yield Check(Grade.WARN, "models", f"not checked: {error}")
        return
    grave = [each.problem for each in found if each.grave and each.problem is not None]
    for problem in grave:
        yield Check(Grade.FAIL, "models", problem.message, problem.hint or "")
    if not grave:
        ready = sum(each.state is State.READY for each in found)
        yield Check(Grade.OK, "models", f"{ready} with the right checksums; `models list` shows all")


def _settings_and_disk(storage_dir: Path | None) -> Iterator[Check]:
    from videoannotator.settings import load_settings

    try:
        settings = load_settings()
    except VideoAnnotatorError as error:
        for violation in error.violations:
            yield Check(Grade.FAIL, "settings", f"{violation.field}: {violation.message}", error.hint or "")
        return
    yield Check(Grade.OK, "settings", "valid")
    directory = (storage_dir or settings.storage_dir).absolute()
    existing = next(each for each in (directory, *directory.parents) if each.is_dir())
    free = shutil.disk_usage(existing).free
    found = f"{decimal(free)} free for {directory!s}"
    if free < settings.min_free_bytes:
        yield Check(Grade.FAIL, "disk", found, "Free some: below MIN_FREE_BYTES no upload is accepted.")
    elif free < _LOW_DISK:
        yield Check(Grade.WARN, "disk", found, "Videos and results need room; free some soon.")
    else:
        yield Check(Grade.OK, "disk", found)
