import subprocess
import sys

HEAVY = ("numpy", "cv2", "onnxruntime", "scenedetect", "trackers", "supervision", "av", "scipy", "grpc")
LIGHT = (
    "videoannotator.pipelines.registry",
    "videoannotator.pipelines.validation",
    "videoannotator.pipelines.spec",
    "videoannotator.formats.names",
    "videoannotator.models.manifest",
    "videoannotator.models.store",
    "videoannotator.annotations",
    "videoannotator.outcome",
    "videoannotator.progress",
)


def test_what_a_server_imports_brings_no_model_library_along() -> None:
    code = f"""
import sys
{"; ".join(f"import {module}" for module in LIGHT)}
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.validation import validate_config
registry = Registry.load()
validate_config(registry, registry.names, {{}})
for spec in registry:
    spec.config_schema()
videoannotator.models.store.ModelStore().check(["centernet"])
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
