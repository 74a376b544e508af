"""No process carries what it does not need. Which room may import which is held by import-linter (`make lint`)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import videoannotator_client
import videoannotator_server

import videoannotator

LIBRARY = Path(next(iter(videoannotator.__path__)))
SERVER = Path(next(iter(videoannotator_server.__path__)))
CLIENT = Path(next(iter(videoannotator_client.__path__)))
HEAVY = {"torch", "cv2", "onnxruntime", "av", "scenedetect", "trackers", "supervision", "numpy", "scipy"}
GENERATED = {"v1", "rest"}


def imports(path: Path) -> set[str]:
    """Return every module that a file imports, at its top or later."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def library_files() -> list[Path]:
    return [path for path in LIBRARY.rglob("*.py") if path.relative_to(LIBRARY).parts[0] not in GENERATED]


@pytest.mark.parametrize("path", library_files(), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_library_knows_no_servicer(path: Path) -> None:
    room = path.relative_to(LIBRARY).parts[0]
    modules = imports(path)
    if room != "cli":
        above = {"grpc", "videoannotator_server", "videoannotator_client"}
        assert not {module for module in modules if module.split(".")[0] in above}
        assert not {module for module in modules if module.endswith("_pb2_grpc")}


@pytest.mark.parametrize("path", list(SERVER.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVER)))
def test_the_server_imports_no_machine_learning_and_no_implementation(path: Path) -> None:
    modules = imports(path)
    assert not {module for module in modules if module.split(".")[0] in HEAVY}
    for room in ("engine", "worker", "testing"):
        heavy = {module for module in modules if module.startswith(f"videoannotator.{room}")}
        assert heavy <= {"videoannotator.worker.protocol"}


@pytest.mark.parametrize("path", list(CLIENT.rglob("*.py")), ids=lambda path: str(path.relative_to(CLIENT)))
def test_the_client_knows_only_the_contract_and_the_errors(path: Path) -> None:
    modules = imports(path)
    assert not {module for module in modules if module.split(".")[0] in {*HEAVY, "videoannotator_server"}}
    library = {module for module in modules if module.startswith("videoannotator.")}
    assert not {module for module in library if not module.startswith(("videoannotator.v1", "videoannotator.errors"))}


def test_formats_know_no_pipeline_and_pipelines_know_no_format() -> None:
    for path in (LIBRARY / "formats").rglob("*.py"):
        assert not {module for module in imports(path) if module.startswith("videoannotator.pipelines")}, path
    for path in (LIBRARY / "pipelines").rglob("*.py"):
        formats = {module for module in imports(path) if module.startswith("videoannotator.formats")}
        assert formats <= {"videoannotator.formats.names"}, path
