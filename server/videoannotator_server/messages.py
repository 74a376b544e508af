"""The library's records as protobuf messages."""

from __future__ import annotations

import time
from typing import Any

from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2

from videoannotator.errors import InvalidRequestError, Violation
from videoannotator.models.manifest import Manifest
from videoannotator.outcome import ErrorRecord
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.service.auth.access import Scope
from videoannotator.service.database.tables import ArtifactRow, RunRow, TokenRow, VideoRow
from videoannotator.service.jobs.events import Event, EventKind
from videoannotator.service.jobs.views import JobView
from videoannotator.service.jobs.watching import Ended, Present, Snapshot, Update, WatchHeartbeat
from videoannotator.v1 import errors_pb2, jobs_pb2, pipelines_pb2, tokens_pb2, types_pb2


def timestamp(seconds: float | None) -> timestamp_pb2.Timestamp | None:
    """Return Unix seconds as a Timestamp; None stays unset."""
    if seconds is None:
        return None
    message = timestamp_pb2.Timestamp()
    message.FromNanoseconds(round(seconds * 1e6) * 1000)
    return message


def duration(seconds: float) -> duration_pb2.Duration:
    """Return seconds as a Duration."""
    message = duration_pb2.Duration()
    message.FromNanoseconds(round(seconds * 1e6) * 1000)
    return message


def struct(content: Any) -> struct_pb2.Struct:
    """Return a mapping of JSON values as a Struct."""
    message = struct_pb2.Struct()
    message.update(content)
    return message


def mapping(message: struct_pb2.Struct, field: str) -> dict[str, Any]:
    """Return a Struct that a caller sent as a mapping of JSON values.

    Raises:
        InvalidRequestError: A number in it is infinite or none at all, which JSON cannot say.
    """
    try:
        return json_format.MessageToDict(message)
    except ValueError as error:
        raise InvalidRequestError(f"{field} has a number that is not finite.", field=field) from error


def value(content: Any) -> struct_pb2.Value | None:
    """Return a JSON value as a Value; None stays unset."""
    return None if content is None else json_format.ParseDict(content, struct_pb2.Value())


def envelope(error: ErrorRecord, when: float) -> errors_pb2.ErrorEnvelope:
    """Return an error's envelope."""
    return errors_pb2.ErrorEnvelope(
        code=error.code,
        message=error.message,
        detail=struct(error.detail),
        hint=error.hint,
        field=error.field,
        timestamp=timestamp(when),
    )


def stored_envelope(stored: dict[str, Any] | None) -> errors_pb2.ErrorEnvelope | None:
    """Return the envelope of an error that is kept with a job or run."""
    if stored is None:
        return None
    return envelope(ErrorRecord.model_validate(stored), stored.get("time") or time.time())


def violation(problem: Violation) -> errors_pb2.Violation:
    """Return one violation."""
    return errors_pb2.Violation(
        field=problem.field,
        code=problem.code,
        message=problem.message,
        allowed=value(problem.allowed),
        example=value(problem.example),
    )


def video(row: VideoRow) -> types_pb2.Video:
    """Return a video."""
    return types_pb2.Video(
        id=row.id,
        filename=row.filename,
        size_bytes=row.size_bytes,
        committed_bytes=row.committed_bytes,
        state=types_pb2.VideoState.Value(f"VIDEO_STATE_{row.state.upper()}"),
        sha256=row.sha256,
        created_at=timestamp(row.created_at),
        expires_at=timestamp(row.expires_at),
        media=_media(row.media) if row.media is not None else None,
    )


def _media(facts: dict[str, Any]) -> types_pb2.MediaInfo:
    plain = {name: fact for name, fact in facts.items() if name != "duration"}
    return types_pb2.MediaInfo(duration=duration(facts["duration"]), **plain)


def job(view: JobView) -> types_pb2.Job:
    """Return a job."""
    row = view.job
    return types_pb2.Job(
        id=row.id,
        video_id=row.video_id,
        video_filename=row.video_filename,
        video_size_bytes=row.video_size_bytes,
        video_duration=duration(row.video_duration),
        status=job_status(row.status),
        queue_position=view.queue_position,
        progress=row.progress,
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        pipelines=row.pipelines,
        config=struct(row.config),
        outputs=row.outputs,
        labels=row.labels,
        priority=row.priority,
        created_at=timestamp(row.created_at),
        queued_at=timestamp(row.queued_at),
        started_at=timestamp(row.started_at),
        completed_at=timestamp(row.completed_at),
        cancelled_at=timestamp(row.cancelled_at),
        next_attempt_at=timestamp(row.next_attempt_at),
        updated_at=timestamp(row.updated_at),
        runs=runs(view),
        success_rate=view.success_rate,
        error=stored_envelope(row.error),
        cancel_reason=row.cancel_reason,
        warnings=row.warnings,
        retention_days=row.retention_days,
    )


def job_status(status: str) -> types_pb2.JobStatus.ValueType:
    """Return a status of a job."""
    return types_pb2.JobStatus.Value(f"JOB_STATUS_{status.upper()}")


def run_status(status: str) -> types_pb2.RunStatus.ValueType:
    """Return a status of a run."""
    return types_pb2.RunStatus.Value(f"RUN_STATUS_{status.upper()}")


def progress_unit(unit: str) -> types_pb2.ProgressUnit.ValueType:
    """Return what the progress of a run counts."""
    return types_pb2.ProgressUnit.Value(f"PROGRESS_UNIT_{unit.upper()}")


def runs(view: JobView) -> list[types_pb2.PipelineRun]:
    """Return the runs of a job, each with its artifacts."""
    return [_run(row, [each for each in view.artifacts if each.pipeline == row.pipeline]) for row in view.runs]


def _run(row: RunRow, artifacts: list[ArtifactRow]) -> types_pb2.PipelineRun:
    return types_pb2.PipelineRun(
        pipeline=row.pipeline,
        status=run_status(row.status),
        progress=row.progress,
        units_done=row.units_done,
        units_failed=row.units_failed,
        units_total=row.units_total,
        unit=progress_unit(row.unit),
        annotation_count=row.annotation_count,
        elapsed=duration(row.seconds),
        models=[types_pb2.ModelProvenance(**model) for model in row.models],
        warnings=row.warnings,
        error=stored_envelope(row.error),
        artifacts=[artifact(each) for each in artifacts],
    )


def artifact(row: ArtifactRow) -> types_pb2.Artifact:
    """Return an artifact."""
    return types_pb2.Artifact(
        id=row.id,
        job_id=row.job_id,
        pipeline=row.pipeline,
        name=row.name,
        format=row.format,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        created_at=timestamp(row.created_at),
        provenance=struct(row.provenance),
    )


def job_event(update: Update) -> jobs_pb2.JobEvent:
    """Return one message of a watch."""
    match update:
        case Snapshot(view, sequence, when):
            return jobs_pb2.JobEvent(job_id=view.job.id, sequence=sequence, time=timestamp(when), snapshot=job(view))
        case WatchHeartbeat(job_id, sequence, when):
            return jobs_pb2.JobEvent(
                job_id=job_id, sequence=sequence, time=timestamp(when), heartbeat=jobs_pb2.Heartbeat()
            )
        case Ended(view, sequence, when):
            terminal = jobs_pb2.Terminal(job=job(view))
            return jobs_pb2.JobEvent(job_id=view.job.id, sequence=sequence, time=timestamp(when), terminal=terminal)
        case Present(moment, sequence):
            return _happened(Event(moment.job_id, sequence, moment.time, moment.kind, moment.payload))
        case Event():
            return _happened(update)


def _happened(event: Event) -> jobs_pb2.JobEvent:
    message = jobs_pb2.JobEvent(job_id=event.job_id, sequence=event.sequence, time=timestamp(event.time))
    payload = event.payload
    match event.kind:
        # An end that a retry has undone is one status among others.
        case EventKind.STATUS | EventKind.TERMINAL:
            change = jobs_pb2.StatusChange(
                status=job_status(payload["status"]),
                attempt=payload["attempt"],
                reason=payload.get("reason", ""),
                next_attempt_at=timestamp(payload.get("next_attempt_at")),
            )
            message.status.CopyFrom(change)
        case EventKind.QUEUE_POSITION:
            message.queue_position.position = payload["position"]
        case EventKind.PROGRESS:
            # What was stored before schema 0002 counts frames and does not say so.
            unit = progress_unit(payload.get("unit", "frames"))
            named = {"status": run_status(payload["status"]), "unit": unit}
            message.progress.CopyFrom(jobs_pb2.PipelineProgress(**{**payload, **named}))
        case EventKind.LOG:
            message.log.level = jobs_pb2.LogLevel.Value(f"LOG_LEVEL_{payload['level'].upper()}")
            message.log.message = payload["message"]
    return message


def pipeline(spec: PipelineSpec, manifest: Manifest, unavailable: str = "") -> pipelines_pb2.Pipeline:
    """Return a pipeline; ``unavailable`` says why it cannot run here."""
    models = [manifest.entry(model_id).provenance for model_id in spec.models]
    return pipelines_pb2.Pipeline(
        name=spec.name,
        aliases=spec.all_aliases,
        display_name=spec.display_name,
        description=spec.description,
        family=spec.family,
        variant=spec.variant,
        stability=pipelines_pb2.Stability.Value(f"STABILITY_{spec.stability.upper()}"),
        tasks=spec.tasks,
        modalities=[pipelines_pb2.Modality.Value(f"MODALITY_{each.upper()}") for each in spec.modalities],
        config_schema=struct(spec.config_schema()),
        models=[types_pb2.ModelProvenance(**model.model_dump()) for model in models],
        outputs=[
            pipelines_pb2.PipelineOutput(format=each.format, types=each.types, media_type=each.media_type)
            for each in spec.outputs
        ],
        needs_gpu=spec.needs_gpu,
        available=not unavailable,
        unavailable_reason=unavailable,
    )


def token(row: TokenRow) -> tokens_pb2.Token:
    """Return a token without its secret."""
    return tokens_pb2.Token(
        id=row.id,
        name=row.name,
        owner=row.owner,
        scope=tokens_pb2.TokenScope.Value(f"TOKEN_SCOPE_{Scope[row.scope.upper()].name}"),
        created_at=timestamp(row.created_at),
        expires_at=timestamp(row.expires_at),
        last_used_at=timestamp(row.last_used_at),
        revoked_at=timestamp(row.revoked_at),
    )
