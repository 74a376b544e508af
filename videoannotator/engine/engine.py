"""Annotating one video: one decode, all pipelines, all files.

The engine knows no job, no queue and no network: a command line and a worker use it alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from videoannotator.engine.export import Export
from videoannotator.engine.run import Run
from videoannotator.errors import JobCancelledError, MissingStreamError
from videoannotator.formats import provenance
from videoannotator.formats.files import sha256_of
from videoannotator.formats.names import validate_outputs
from videoannotator.media.fan_out import Subscription, fan_out
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.media.source import open_video
from videoannotator.models.sessions import Sessions
from videoannotator.outcome import Outcome
from videoannotator.pipelines.registry import Registry
from videoannotator.progress import Cancellation, Observer


@dataclass(frozen=True, slots=True)
class AnnotationRequest:
    """What to do with one video. Everything in it has been validated before."""

    video: Path
    pipelines: tuple[str, ...]
    """Canonical names, each once."""
    config: Mapping[str, Mapping[str, Any]]
    """Normal form by pipeline, as `videoannotator.pipelines.validation.validate_config` returns it."""
    directory: Path
    """Where the files go; made if it is not there."""
    outputs: tuple[str, ...] = ()
    """Names of `videoannotator.formats.names.OUTPUTS`; none means all of them."""
    prefix: str = ""
    """Start of every file's name, for example ``clip_``."""
    title: str = ""
    """What results call the video; the file's own name unless given."""
    input_sha256: str | None = field(default=None)
    """Checksum of the video if it is known; it is computed otherwise."""

    @property
    def name(self) -> str:
        """The name of the video in results."""
        return self.title or self.video.stem


class Engine:
    """Runs pipelines. One engine serves one request at a time, and its models stay loaded in between."""

    def __init__(
        self,
        registry: Registry,
        sessions: Sessions,
        limits: MediaLimits | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``limits``: largest media that is opened. ``clock``: tells the time that provenance records."""
        self._registry = registry
        self._sessions = sessions
        self._limits = limits if limits is not None else MediaLimits()
        self._clock = clock

    def annotate(self, request: AnnotationRequest, observer: Observer, cancelled: Cancellation) -> Outcome:
        """Run every pipeline of ``request`` over its video and write the files.

        A pipeline that fails does not disturb the others: its run is ``failed`` and has the error. Raises what concerns
        the whole request: UnsupportedMediaError, CorruptMediaError, MediaLimitError, JobCancelledError,
        StorageExhaustedError, InvalidRequestError, PipelineNotFoundError.
        """
        started = self._clock()
        outputs = validate_outputs(request.outputs)
        runs = [
            Run(self._registry.get(name), request.config.get(name, {}), self._sessions) for name in request.pipelines
        ]
        info = probe(request.video, self._limits)
        observer.stage("model_load")
        for run in runs:
            _check(cancelled)
            run.attempt(partial(_prepare, run, info))
        observer.stage("decode")
        self._decode(request, info, runs, observer, cancelled)
        for run in runs:
            _check(cancelled)
            run.attempt(run.finish)
            for warning in run.warnings:
                observer.log("warning", f"{run.spec.name}: {warning}")
            observer.finished(run.outcome())
        digest = request.input_sha256 or sha256_of(request.video)
        document = {
            "program": provenance.program(),
            "video": provenance.video(request.name, info, digest),
            "started_at": provenance.timestamp(started),
            "finished_at": provenance.timestamp(self._clock()),
        }
        observer.stage("export")
        export = Export(request.directory, request.prefix, request.name, info, document)
        artifacts = export.write(runs, outputs, lambda: _check(cancelled))
        return Outcome(runs=tuple(run.outcome() for run in runs), artifacts=tuple(artifacts))

    def _decode(
        self, request: AnnotationRequest, info: MediaInfo, runs: list[Run], observer: Observer, cancelled: Cancellation
    ) -> None:
        """Decode the video once, for all runs that are ready for it."""
        watching = [run for run in runs if run.wants_frames]
        if not watching:
            return
        subscriptions = [Subscription(run.spec.name, run.rate, run.see) for run in watching]
        with open_video(request.video, self._limits, info=info) as source:
            deliveries = fan_out(source, subscriptions, cancelled=cancelled, progress=observer.progress)
        for run in watching:
            run.delivered(deliveries[run.spec.name])


def _prepare(run: Run, info: MediaInfo) -> None:
    missing = [
        kind
        for kind, there in (("video", info.has_video), ("audio", info.has_audio))
        if kind in run.spec.modalities and not there
    ]
    if missing:
        words = {"video": "picture", "audio": "sound"}
        raise MissingStreamError(
            f"{run.spec.name} needs a {' and a '.join(words[kind] for kind in missing)}, which the file does not have.",
            {"pipeline": run.spec.name, "missing": missing},
        )
    run.prepare(info)


def _check(cancelled: Cancellation) -> None:
    if cancelled.is_set():
        raise JobCancelledError("The job was cancelled.")
