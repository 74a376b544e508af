"""The server process knows media only by their facts."""

import subprocess
import sys

HEAVY = ("av", "numpy", "cv2", "onnxruntime")


def test_the_modules_that_the_server_uses_import_no_decoder() -> None:
    modules = ("videoannotator.media", "info", "limits", "prober")
    names = [modules[0], *(f"{modules[0]}.{name}" for name in modules[1:])]
    code = f"import sys, {', '.join(names)}; print([m for m in {HEAVY!r} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
