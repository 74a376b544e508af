"""Annotating one video: one decode, all pipelines, all files.

The engine knows no job, no queue and no network: a command line and a worker use it alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from videoannotator.annotation_request import AnnotationRequest
from videoannotator.checksums import sha256_of
from videoannotator.engine.decoding import Decoding
from videoannotator.engine.pipeline_run import PipelineRun
from videoannotator.errors import JobCancelledError
from videoannotator.export.job_files import Destination, write_job
from videoannotator.formats.names import DEFAULT_OUTPUTS, OUTPUTS, validate_outputs
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.models.sessions import Sessions
from videoannotator.outcome import ArtifactFile, Outcome
from videoannotator.pipelines.registry import Registry
from videoannotator.progress import Cancellation, Observer
from videoannotator.results import provenance
from videoannotator.results.run_results import AnnotatedVideo


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

        A pipeline that fails does not disturb the others: its run is ``failed`` and has the error.

        Raises:
            UnsupportedMediaError, CorruptMediaError, MediaLimitError: The video cannot be used.
            JobCancelledError: The job was cancelled.
            StorageExhaustedError: The disk is full.
            InvalidRequestError, PipelineNotFoundError: The request names what does not exist.
        """
        started = self._clock()
        outputs = validate_outputs(request.outputs)
        runs = [
            PipelineRun(self._registry.get(name), request.config.get(name, {}), self._sessions)
            for name in request.pipelines
        ]
        info = probe(request.video, self._limits)
        observer.stage("model_load")
        for run in runs:
            _check(cancelled)
            run.attempt(partial(run.prepare, info))
        observer.stage("decode")
        decoding = Decoding(request.video, info, self._limits, observer, cancelled)
        decoding.run(runs)
        for run in runs:
            _check(cancelled)
            run.attempt(run.finish)
            for warning in run.warnings:
                observer.log("warning", f"{run.spec.name}: {warning}")
            observer.finished(run.outcome())
        digest = request.input_sha256 or sha256_of(request.video)
        document = {
            "program": provenance.program(),
            "video": provenance.video(request.name, request.filename or request.video.name, info, digest),
            "started_at": provenance.timestamp(started),
            "finished_at": provenance.timestamp(self._clock()),
            "decoding": decoding.statistics.as_dict(),
        }
        observer.stage("export")
        video = AnnotatedVideo(request.name, info, document, tuple(run.results() for run in runs))
        destination = Destination(request.directory, request.prefix, request.shown_prefix)
        artifacts = write_job(video, outputs, destination, partial(_check, cancelled))
        for message in _without_file(request, artifacts):
            observer.log("warning", message)
        return Outcome(runs=tuple(run.outcome for run in video.runs), artifacts=tuple(artifacts))


def _without_file(request: AnnotationRequest, artifacts: Sequence[ArtifactFile]) -> Iterator[str]:
    """Say which formats were asked for by name, but have no place for anything that was looked for."""
    by_name = request.outputs if set(request.outputs) not in (set(OUTPUTS), set(DEFAULT_OUTPUTS)) else ()
    made = {artifact.format for artifact in artifacts}
    for output in by_name if artifacts else ():
        if output not in made:
            yield f"No {output} file was written: it has no place for what {', '.join(request.pipelines)} finds."


def _check(cancelled: Cancellation) -> None:
    if cancelled.is_set():
        raise JobCancelledError("The job was cancelled.")
