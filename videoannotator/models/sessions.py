"""ONNX sessions: loaded once per process, and run without fighting over the processor."""

from __future__ import annotations

import os
import threading
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from videoannotator.models.store import ModelStore
from videoannotator.outcome import ModelProvenance


class Model(Protocol):
    """A model that is ready to run."""

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Return the outputs for ``batch``, whose shape and type are the model's own."""


class ModelSource(Protocol):
    """Where a pipeline gets its models from."""

    def get(self, model_id: str) -> Model:
        """Return the model. Raises ModelMissingError or ModelCorruptError."""


class Sessions:
    """The loaded models of this process. Safe to use from several threads."""

    def __init__(self, store: ModelStore, threads: int | None = None) -> None:
        """``threads``: processor threads that all models together may keep busy; all of them unless given."""
        self._store = store
        self._threads = max(1, threads if threads is not None else os.cpu_count() or 1)
        self._loading = threading.Lock()
        # Each session would start a thread pool as large as the machine. They take turns instead: the processor is
        # fully used by one of them and never shared by all of them.
        self._turn = threading.Lock()
        self._models: dict[str, Model] = {}
        self._on_gpu = False

    @property
    def on_gpu(self) -> bool:
        """Whether any of the loaded models runs on a GPU."""
        return self._on_gpu

    def get(self, model_id: str) -> Model:
        """Return the model, loading it on first use.

        Raises ModelMissingError or ModelCorruptError.
        """
        with self._loading:
            if model_id not in self._models:
                self._models[model_id] = self._load(model_id)
            return self._models[model_id]

    def provenance(self, model_id: str) -> ModelProvenance:
        """Return what a result says about ``model_id``."""
        return self._store.manifest.entry(model_id).provenance

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the models in memory, in the order they were loaded."""
        return tuple(self._models)

    def _load(self, model_id: str) -> Model:
        path = self._store.verified_path(model_id)
        import onnxruntime  # heavy, and needed only where models run

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A pool that spins while it waits takes the processor from the session whose turn it is.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        available = onnxruntime.get_available_providers()
        providers = [provider for provider in wanted if provider in available]
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        self._on_gpu = self._on_gpu or "CUDAExecutionProvider" in session.get_providers()
        return _OnnxModel(session, self._turn)


class _OnnxModel:
    """One ONNX session with one input."""

    def __init__(self, session: Any, turn: threading.Lock) -> None:
        self._session = session
        self._turn = turn
        self._input = session.get_inputs()[0].name

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        with self._turn:
            return cast("list[NDArray[np.float32]]", self._session.run(None, {self._input: batch}))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out, on the GPU or the machine.

    onnxruntime has no class for it: its message is all there is to go by.
    """
    if isinstance(error, MemoryError):
        return True
    if not type(error).__module__.startswith("onnxruntime"):
        return False
    text = str(error).lower()
    return any(
        sign in text for sign in ("out of memory", "failed to allocate", "cuda_error_out_of_memory", "alloc_failed")
    )
