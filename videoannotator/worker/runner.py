"""Runs attempts with the engine, which keeps its models loaded from one attempt to the next."""

from __future__ import annotations

import threading

from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.media.limits import MediaLimits
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.outcome import Outcome
from videoannotator.pipelines.registry import Registry
from videoannotator.worker.channel import Channel
from videoannotator.worker.observer import ChannelObserver
from videoannotator.worker.protocol import AttemptSpec, WorkerConfig


class AttemptRunner:
    """One engine for all attempts of this process."""

    def __init__(self, config: WorkerConfig) -> None:
        limits = MediaLimits(max_duration=config.max_duration, max_pixels=config.max_pixels)
        sessions = Sessions(ModelStore(config.models_dir), config.threads)
        self._engine = Engine(Registry.load(), sessions, limits)

    def run(self, spec: AttemptSpec, channel: Channel, cancelled: threading.Event) -> Outcome:
        """Run an attempt and tell the server how it goes.

        Raises:
            JobCancelledError: It was told to stop.
            VideoAnnotatorError: The attempt failed as a whole.

        """
        request = AnnotationRequest(
            video=spec.video,
            pipelines=spec.pipelines,
            config=spec.config,
            directory=spec.directory,
            outputs=spec.outputs,
            title=spec.video_title,
            filename=spec.video_filename,
            input_sha256=spec.video_sha256,
        )
        return self._engine.annotate(request, ChannelObserver(channel), cancelled)
