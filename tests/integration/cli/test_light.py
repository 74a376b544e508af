"""The command line starts quickly and needs little."""

from __future__ import annotations

import subprocess
import sys

BASE = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"sqlmodel", "sqlalchemy", "alembic", "psutil", "grpc_health", "grpc_reflection",
                                  "videoannotator_server", "av", "numpy", "onnxruntime", "cv2", "scenedetect",
                                  "trackers", "pandas", "tqdm"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Forbidden())
"""
CLIENT = """
import pkgutil
import videoannotator.cli, videoannotator_client
for package in (videoannotator.cli, videoannotator_client):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name != "videoannotator.cli.main":
            __import__(module.name)
from videoannotator_client import AsyncClient, Client
with Client("127.0.0.1:1") as client:
    AsyncClient("127.0.0.1:1")
"""
MAIN = """
import videoannotator.cli.main
slow = {"grpc", "google.protobuf", "tenacity", "numpy"} & set(sys.modules)
assert not slow, slow
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)


def test_every_module_of_the_client_imports_with_the_base_install():
    result = python(BASE + CLIENT)
    assert result.returncode == 0, result.stderr


def test_help_loads_nothing_that_is_slow():
    result = python(BASE + MAIN)
    assert result.returncode == 0, result.stderr


def test_what_needs_an_extra_says_which():
    for arguments, extra in [(["serve"], "[server]"), (["annotate", sys.executable, "-o", "x", "-p", "scene"], "[ml]")]:
        code = BASE + "from videoannotator.cli.main import main; main()"
        result = python(code, *arguments)
        assert f"pip install 'videoannotator{extra}'" in result.stderr
        assert "Traceback" not in result.stderr
        assert result.returncode == 2
