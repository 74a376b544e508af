import os
import subprocess
import sys
from pathlib import Path

from videoannotator.models.telemetry import DISABLED

USE_A_MODEL = """
import numpy
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
Sessions(ModelStore(), 1).get("emotion").run(numpy.zeros((1, 64, 64, 1), numpy.float32))
"""
IMPORT_ALL = "from videoannotator.worker.imports import main; main()"


def run(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in DISABLED}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=110)


def test_no_library_keeps_a_record_of_what_is_done_here(tmp_path: Path) -> None:
    run(USE_A_MODEL, tmp_path)
    run(IMPORT_ALL, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name or path.name == "Microsoft"]


def test_pyannote_reports_nothing(tmp_path: Path) -> None:
    code = f"{IMPORT_ALL}; from pyannote.audio.telemetry.metrics import is_metrics_enabled; print(is_metrics_enabled())"
    assert run(code, tmp_path).stdout.splitlines()[-1] == "False"
