"""The model that hears who of up to three people speaks, in ten seconds of audio. Imported only where it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.segmentation import PyanNet
from safetensors.torch import load_file

from videoannotator.models.files import Weights
from videoannotator.models.sessions import ComputeResources


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The model, and what it computes with."""

    model: PyanNet
    resources: ComputeResources


class _LockedPyanNet(PyanNet):  # type: ignore[misc]
    """Takes its turn at the processor for each batch."""

    resources: ComputeResources

    def forward(self, waveforms: torch.Tensor) -> torch.Tensor:
        with self.resources.lock:
            scores: torch.Tensor = super().forward(waveforms)
        return scores


def load_segmentation(weights: Weights, resources: ComputeResources) -> Segmentation:
    """Return the model made of its numbers alone: a description in JSON and tensors; nothing in them can run."""
    # A second thread makes it no faster, and ten times slower where others compute too: threads wait at every step.
    torch.set_num_threads(1)
    weights_file, description_file = (file.name for file in weights.entry.files)
    description: dict[str, Any] = json.loads(weights.read(description_file))
    model = _LockedPyanNet(**description["architecture"])
    model.resources = resources
    model.specifications = _specifications(description["specifications"])
    model.build()
    model.load_state_dict(load_file(weights.places[weights_file][0]))
    model.eval()
    return Segmentation(model.to("cuda" if torch.cuda.is_available() else "cpu"), resources)


def _specifications(entry: dict[str, Any]) -> Specifications:
    choices = {"problem": Problem[entry["problem"]], "resolution": Resolution[entry["resolution"]]}
    return Specifications(**{**entry, **choices})
