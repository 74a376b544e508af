"""The deepface library, made to use the weights of the model store and nothing else.

By itself it would download what it misses, print its log, and choose among tensorflow, torch and onnxruntime.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videoannotator.errors import ModelMissingError
from videoannotator.models.fair_lock import FairLock
from videoannotator.models.files import Weights
from videoannotator.models.onnx import open_session
from videoannotator.models.sessions import ComputeResources
from videoannotator.pipelines.face_analysis.deepface_models import ATTRIBUTES, DETECTORS, EMBEDDING_MODELS


@dataclass(frozen=True, slots=True)
class Client:
    """One of DeepFace's models, and the turn to be held while it computes."""

    model: Any
    """An instance of one of DeepFace's classes: a Detector, Demography or FacialRecognition."""
    lock: FairLock


def load_detector(weights: Weights, resources: ComputeResources) -> Client:
    """Make the detector that the weights are for."""
    _store_of_weights().add(weights)
    return Client(_model_class("face_detector", DETECTORS, weights)(), resources.lock)


def load_reader(weights: Weights, resources: ComputeResources) -> Client:
    """Make the model of emotion, age or gender that the weights are for."""
    return _with_session("facial_attribute", ATTRIBUTES, weights, resources)


def load_embedder(weights: Weights, resources: ComputeResources) -> Client:
    """Make the recognition model that the weights are for."""
    return _with_session("facial_recognition", EMBEDDING_MODELS, weights, resources)


def library(name: str) -> Any:
    """Return a module of the deepface library."""
    os.environ["DEEPFACE_BACKEND_ENGINE"] = "onnx"
    os.environ.setdefault("DEEPFACE_LOG_LEVEL", str(logging.ERROR))
    # retinaface switches off all warnings of the process when it is imported.
    with warnings.catch_warnings():
        return importlib.import_module(f"deepface.{name}")


class WeightStore:
    """Stands in for the function of the library that finds weights, and downloads those it does not find."""

    def __init__(self) -> None:
        self._places: dict[str, Path] = {}

    def add(self, weights: Weights) -> None:
        """Let the library have a file."""
        self._places[Path(weights.entry.main.name).name] = weights.path

    def __call__(self, file_name: str, *_: Any, **__: Any) -> str:
        """Return where a file is.

        Raises:
            ModelMissingError: It was not added.
        """
        if file_name not in self._places:
            raise ModelMissingError(
                f"DeepFace asks for {file_name}, which this configuration was not known to need.", {"file": file_name}
            )
        return str(self._places[file_name])


def _store_of_weights() -> WeightStore:
    finders: list[Any] = [library("commons.weight_utils"), importlib.import_module("retinaface.commons.weight_utils")]
    present = finders[0].download_weights_if_necessary
    store = present if isinstance(present, WeightStore) else WeightStore()
    for finder in finders:
        finder.download_weights_if_necessary = store
    return store


def _with_session(task: str, ids: Mapping[str, str], weights: Weights, resources: ComputeResources) -> Client:
    found = _model_class(task, ids, weights)

    def build_session(**_: Any) -> Any:
        return open_session(weights.path, resources.threads)

    # The library's own function would take all processor threads.
    module: Any = sys.modules[found.__module__]
    module.build_session = build_session
    return Client(found(), resources.lock)


def _model_class(task: str, ids: Mapping[str, str], weights: Weights) -> Any:
    name = next(name for name, model_id in ids.items() if model_id == weights.entry.id)
    with warnings.catch_warnings():
        return library("modules.modeling").get_model_class(task, name)
