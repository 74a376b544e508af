"""Generate the Python stubs of every proto of ours into the package their proto package names, and Envoy's descriptors.

With --check, generate into a temporary directory and fail when what is in the tree differs.
"""

from __future__ import annotations

import argparse
import filecmp
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
OURS = PROTOS / "videoannotator"
REST = OURS / "rest" / "v1" / "rest.proto"
DESCRIPTORS = Path("envoy") / "rest.binpb"
"""What Envoy needs to know of the contract, all imports included."""
PLUGINS = ("mypy", "mypy_grpc")


def generate(target: Path) -> list[Path]:
    """Write the stubs below ``target``; return their paths relative to it."""
    _protoc(
        *(f"--plugin=protoc-gen-{name}={Path(sys.executable).parent / f'protoc-gen-{name}'}" for name in PLUGINS),
        f"--python_out={target}",
        f"--mypy_out=quiet:{target}",
        f"--grpc_python_out={target}",
        f"--mypy_grpc_out=quiet:{target}",
        *sorted(str(path) for path in OURS.rglob("*.proto")),
    )
    (target / DESCRIPTORS).parent.mkdir(exist_ok=True)
    _protoc(f"--descriptor_set_out={target / DESCRIPTORS}", "--include_imports", str(REST))
    for path in (target / "videoannotator").rglob("*_pb2_grpc.py"):
        text = path.read_text()
        if not any(line.startswith("class ") and "Servicer" in line for line in text.splitlines()):
            path.unlink()
            path.with_suffix(".pyi").unlink(missing_ok=True)
    stubs = (path.relative_to(target) for path in (target / "videoannotator").rglob("*_pb2*"))
    return sorted([DESCRIPTORS, *stubs])


def _protoc(*arguments: str) -> None:
    includes = (PROTOS, Path(str(files("grpc_tools") / "_proto")))
    if protoc.main(["protoc", *(f"-I{include}" for include in includes), *arguments]) != 0:
        raise SystemExit("protoc failed")


def drift(fresh: Path, stubs: list[Path]) -> list[str]:
    """Return the stubs in the tree that are missing, stale or left over."""
    _, mismatch, missing = filecmp.cmpfiles(fresh, ROOT, [str(path) for path in stubs], shallow=False)
    folders = {(ROOT / path).parent for path in stubs}
    left_over = {
        str(path.relative_to(ROOT)) for folder in folders for path in folder.glob("*_pb2*") if path.is_file()
    } - {str(path) for path in stubs}
    return sorted([*mismatch, *missing, *left_over])


def main() -> None:
    """Generate, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the stubs in the tree are stale")
    if not parser.parse_args().check:
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as directory:
        stale = drift(Path(directory), generate(Path(directory)))
    if stale:
        sys.exit("stale stubs, run `make proto`:\n" + "\n".join(f"  {path}" for path in stale))


if __name__ == "__main__":
    main()
