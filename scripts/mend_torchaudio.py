"""Make torchaudio importable beside a torch without CUDA.

The torchaudio that PyPI has was built with CUDA: beside the CPU build of torch its native libraries cannot be loaded,
and it does not import. Without them it takes itself for a build that has none; what is used of it is pure torch. Where
they can be loaded, this does nothing.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Remove the native libraries if torchaudio does not import, and check that it does then."""
    if _imports():
        return
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or spec.origin is None:
        sys.exit("torchaudio is not installed.")
    for library in (Path(spec.origin).parent / "lib").glob("*.so"):
        library.unlink()
    if not _imports():
        sys.exit("torchaudio does not import, even without its native libraries. Try: python -c 'import torchaudio'")
    print("torchaudio: native libraries removed, because they need a torch with CUDA.")


def _imports() -> bool:
    command = [sys.executable, "-W", "ignore", "-c", "import torchaudio"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
