"""Loaded models: loaded once per process, and run without fighting over the processor."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from videoannotator.models.fair_lock import FairLock
from videoannotator.models.files import Weights
from videoannotator.models.onnx import open_session
from videoannotator.models.store import ModelStore
from videoannotator.models.telemetry import disable_telemetry
from videoannotator.outcome import ModelProvenance

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ComputeResources:
    """What a model may compute with."""

    threads: int
    """Processor threads that it may keep busy while it holds the lock."""
    lock: FairLock
    """To be held while computing, and for seconds at most at a time.

    Each library would start a thread pool as large as the machine. They take turns instead: the processor is fully used
    by one of them and never shared by all of them.
    """


MORE_MEMORY = "Run fewer jobs at a time, scale the video down, or raise VIDEOANNOTATOR_WORKER_MEMORY_LIMIT."
"""What helps where the memory of the machine ran out."""

Loader = Callable[[Weights, ComputeResources], T]
"""Makes a model of its files."""


class Model(Protocol):
    """A model that is ready to run."""

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Return the outputs for ``batch``, whose shape and type are the model's own."""


class ModelSource(Protocol):
    """Where a pipeline gets its models from."""

    def get(self, model_id: str) -> Model:
        """Return an ONNX model with one input.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """

    def load(self, model_id: str, loader: Loader[T]) -> T:
        """Return what ``loader`` makes of the model's files; made once per process and loader.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """

    def used(self, model: ModelProvenance) -> None:
        """Take note of weights that a library loaded by itself."""


class Sessions:
    """The loaded models of this process. Safe to use from several threads."""

    def __init__(self, store: ModelStore, threads: int | None = None) -> None:
        """``threads``: processor threads that all models together may keep busy; all of them unless given."""
        disable_telemetry()
        self._store = store
        self._resources = ComputeResources(max(1, threads if threads is not None else os.cpu_count() or 1), FairLock())
        self._loading = threading.Lock()
        self._models: dict[tuple[str, Loader[Any]], Any] = {}
        self._provenance: dict[str, ModelProvenance] = {}
        self._on_gpu = False

    @property
    def on_gpu(self) -> bool:
        """Whether any of the loaded models runs on a GPU."""
        return self._on_gpu

    def get(self, model_id: str) -> Model:
        """Return an ONNX model, loading it on first use.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        return self.load(model_id, self._onnx)

    def load(self, model_id: str, loader: Loader[T]) -> T:
        """Return what ``loader`` makes of the model's files, calling it on first use.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        key = (model_id, loader)
        with self._loading:
            if key not in self._models:
                weights = self._store.weights(model_id)
                self._models[key] = loader(weights, self._resources)
                self._provenance[model_id] = weights.provenance
            return cast("T", self._models[key])

    def used(self, model: ModelProvenance) -> None:
        """Do nothing: the engine records which models a pipeline uses."""

    def provenance(self, model_id: str) -> ModelProvenance:
        """Return what a result says about ``model_id``, which has been loaded."""
        return self._provenance[model_id]

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models in memory, in the order they were loaded."""
        return tuple(model_id for model_id, _ in self._models)

    def _onnx(self, weights: Weights, resources: ComputeResources) -> Model:
        session = open_session(weights.path, resources.threads)
        self._on_gpu = self._on_gpu or "CUDAExecutionProvider" in session.get_providers()
        return _OnnxModel(session, resources.lock)


class _OnnxModel:
    """One ONNX session with one input."""

    def __init__(self, session: Any, lock: FairLock) -> None:
        self._session = session
        self._lock = lock
        self._input = session.get_inputs()[0].name

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        with self._lock:
            return cast("list[NDArray[np.float32]]", self._session.run(None, {self._input: batch}))


_WITHOUT_MEMORY = ("can't start new thread", "mkl_malloc: failed", "std::bad_alloc")
"""What Python (a thread needs a stack), MKL and C++ say where the memory of the machine or of the worker ran out."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out, on the GPU or the machine.

    onnxruntime and CTranslate2 have no class for it: their messages are all there is to go by.
    """
    text = str(error).lower()
    if isinstance(error, MemoryError) or (type(error) is RuntimeError and text.startswith(_WITHOUT_MEMORY)):
        return True
    if not (type(error).__module__.startswith(("onnxruntime", "torch")) or "cuda" in text):
        return False
    return any(
        sign in text for sign in ("out of memory", "failed to allocate", "cuda_error_out_of_memory", "alloc_failed")
    )
