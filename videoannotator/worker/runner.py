"""Runs one attempt with the engine, which keeps its models loaded from one attempt to the next."""

from __future__ import annotations

from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.execution.messages import AttemptSpec, WorkerConfig
from videoannotator.media.limits import MediaLimits
from videoannotator.models.store import ModelStore
from videoannotator.outcome import Outcome
from videoannotator.pipelines.registry import Registry
from videoannotator.progress import Cancellation
from videoannotator.worker.channel import Channel
from videoannotator.worker.observer import ChannelObserver
