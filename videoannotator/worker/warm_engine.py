"""The engine of a worker process, which keeps its models loaded from one attempt to the next."""

from __future__ import annotations

from videoannotator.engine import Engine
from videoannotator.media.limits import MediaLimits
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.registry import Registry
from videoannotator.worker.protocol import WorkerConfig


def load_engine(config: WorkerConfig) -> Engine:
    """Return the engine for all attempts of this process."""
    limits = MediaLimits(max_duration=config.max_duration, max_pixels=config.max_pixels)
    return Engine(Registry.load(), Sessions(ModelStore(config.models_dir), config.threads), limits)
