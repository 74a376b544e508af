"""The error taxonomy: one class per code, one table for every face of the service.

A class says everything that is constant about an error: its code, the gRPC and HTTP status it maps to, the hint that
tells a person what to do, and whether trying again can help. An instance adds what happened this time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with an input: where, what kind, in words, and what would be right."""

    field: str
    code: str
    message: str
    allowed: Any = None
    example: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; unset keys are left out."""
        pairs = {
            "field": self.field,
            "code": self.code,
            "message": self.message,
            "allowed": self.allowed,
            "example": self.example,
        }
        return {key: value for key, value in pairs.items() if value is not None}


@dataclass(eq=False)
class VideoAnnotatorError(Exception):
    """Base of every error that the library raises on purpose.

    ``message`` says what happened; ``detail`` holds facts for programs; ``field`` names the offending input;
    ``violations`` lists every problem found at once; ``retry_after`` is in seconds.
    """

    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    hint: str | None = None
    field: str | None = None
    violations: Sequence[Violation] = ()
    retry_after: float | None = None

    code: ClassVar[str] = "INTERNAL_ERROR"
    grpc_status: ClassVar[str] = "INTERNAL"
    http_status: ClassVar[int] = 500
    default_hint: ClassVar[str] = "Report the error id to the operator of the service; the log has the cause."
    retryable: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__init__(self.message)
        if self.hint is None:
            self.hint = self.default_hint
        if self.field is None and len(self.violations) == 1:
            self.field = self.violations[0].field

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class InternalError(VideoAnnotatorError):
    """The service failed in an unexpected way."""


# --- the call itself -------------------------------------------------------------------------------------------------


class InvalidRequestError(VideoAnnotatorError):
    """A field of the request is missing, malformed or out of range."""

    code = "INVALID_REQUEST"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 400
    default_hint = "Correct the named field and send the request again."


class InvalidConfigError(VideoAnnotatorError):
    """A pipeline's configuration breaks its schema."""

    code = "INVALID_CONFIG"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 400
    default_hint = "`videoannotator pipelines NAME` shows every option with its range, default and meaning."


class UnauthorizedError(VideoAnnotatorError):
    """No token, or one that is malformed, unknown, expired or revoked."""

    code = "UNAUTHORIZED"
    grpc_status = "UNAUTHENTICATED"
    http_status = 401
    default_hint = "Send `authorization: Bearer va_...`; `videoannotator tokens create` makes one."


class ForbiddenError(VideoAnnotatorError):
    """The token is good but lacks the scope this call needs."""

    code = "FORBIDDEN"
    grpc_status = "PERMISSION_DENIED"
    http_status = 403
    default_hint = "Use a token with the scope that the message names."


class RequestConflictError(VideoAnnotatorError):
    """The same request_id was used before for a different request."""

    code = "REQUEST_ID_REUSED"
    grpc_status = "ALREADY_EXISTS"
    http_status = 409
    default_hint = "Use a new request_id for a new request; repeat a request_id only to repeat the same request."


class QuotaExceededError(VideoAnnotatorError):
    """The owner has as many jobs or bytes as one owner may have."""

    code = "QUOTA_EXCEEDED"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 429
    default_hint = "Wait for jobs to finish, or delete videos and jobs that are no longer needed."
    retryable = True


class ServiceUnavailableError(VideoAnnotatorError):
    """The service is starting, draining or cannot be reached."""

    code = "SERVICE_UNAVAILABLE"
    grpc_status = "UNAVAILABLE"
    http_status = 503
    default_hint = "Try again in a few seconds; nothing that was accepted is lost."
    retryable = True


class DatabaseBusyError(VideoAnnotatorError):
    """The database did not answer in time."""

    code = "DATABASE_BUSY"
    grpc_status = "UNAVAILABLE"
    http_status = 503
    default_hint = "Try again in a few seconds."
    retryable = True


class ConfigurationError(VideoAnnotatorError):
    """The service's own settings are wrong; it does not start."""

    code = "CONFIGURATION_INVALID"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 500
    default_hint = "docs/configuration.md lists every setting with its range and default."


# --- videos ----------------------------------------------------------------------------------------------------------


class VideoNotFoundError(VideoAnnotatorError):
    """No such video, or it belongs to someone else."""

    code = "VIDEO_NOT_FOUND"
    grpc_status = "NOT_FOUND"
    http_status = 404
    default_hint = "List your videos to see their ids; an unfinished upload expires."


class VideoNotReadyError(VideoAnnotatorError):
    """The upload of the video is not finished."""

    code = "VIDEO_NOT_READY"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Finish the upload from committed_bytes, then try again."


class VideoInUseError(VideoAnnotatorError):
    """The video is needed by a job that has not ended."""

    code = "VIDEO_IN_USE"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Cancel the job or wait for its end, then delete the video."


class UploadOffsetError(VideoAnnotatorError):
    """A chunk does not start where the committed bytes end."""

    code = "UPLOAD_OFFSET_MISMATCH"
    grpc_status = "OUT_OF_RANGE"
    http_status = 409
    default_hint = "Continue from detail.committed_bytes."
    retryable = True


class UploadChecksumError(VideoAnnotatorError):
    """The bytes that arrived are not the bytes that were sent."""

    code = "CHECKSUM_MISMATCH"
    grpc_status = "DATA_LOSS"
    http_status = 422
    default_hint = "Send the bytes again; if it happens twice, check the file and its checksum."
    retryable = True


class UploadConflictError(VideoAnnotatorError):
    """Another call is writing to the same upload."""

    code = "UPLOAD_IN_PROGRESS"
    grpc_status = "ABORTED"
    http_status = 409
    default_hint = "Let the other writer finish, or wait a few seconds if its connection just broke."
    retryable = True


class UploadTooLargeError(VideoAnnotatorError):
    """The file is larger than this service accepts, or larger than was announced."""

    code = "UPLOAD_TOO_LARGE"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 413
    default_hint = "Cut or compress the video, or ask the operator to raise VIDEOANNOTATOR_MAX_UPLOAD_BYTES."


class StorageExhaustedError(VideoAnnotatorError):
    """The disk of the service has no room left."""

    code = "STORAGE_EXHAUSTED"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 507
    default_hint = "Free disk space under VIDEOANNOTATOR_STORAGE_DIR; an upload resumes where it stopped."
    retryable = True


class UnsupportedMediaError(VideoAnnotatorError):
    """The file is not a video container that this service opens."""

    code = "UNSUPPORTED_MEDIA"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 415
    default_hint = "Send MP4, MOV, Matroska, WebM, AVI, MPEG or an audio file; playlists and scripts are never opened."


class CorruptMediaError(VideoAnnotatorError):
    """The file is a known container but its content cannot be read."""

    code = "CORRUPT_MEDIA"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 422
    default_hint = "Play the file to its end in a player; copy it again from its source, or remux it with ffmpeg."


class MediaLimitError(VideoAnnotatorError):
    """The media is larger in pixels, duration or streams than allowed."""

    code = "MEDIA_LIMIT_EXCEEDED"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 413
    default_hint = "Scale or cut the video, or ask the operator to raise the limit that the message names."


class MissingStreamError(VideoAnnotatorError):
    """The pipeline needs a video or an audio stream that the file does not have."""

    code = "STREAM_MISSING"
    grpc_status = "INVALID_ARGUMENT"
    http_status = 422
    default_hint = (
        "Choose pipelines that fit the file: video pipelines need a video stream, audio pipelines need an audio stream."
    )


# --- jobs, pipelines, artifacts, tokens ------------------------------------------------------------------------------


class JobNotFoundError(VideoAnnotatorError):
    """No such job, or it belongs to someone else."""

    code = "JOB_NOT_FOUND"
    grpc_status = "NOT_FOUND"
    http_status = 404
    default_hint = "List your jobs to see their ids."


class JobAlreadyCompletedError(VideoAnnotatorError):
    """The job has ended, so it cannot be cancelled."""

    code = "JOB_ALREADY_COMPLETED"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Nothing to cancel; read the job's results, or delete it."


class JobNotFinishedError(VideoAnnotatorError):
    """The call needs a job that has ended."""

    code = "JOB_NOT_FINISHED"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Wait for the job or cancel it first; deleting a running job needs force."


class JobNotRetryableError(VideoAnnotatorError):
    """The job did not fail, so there is nothing to retry."""

    code = "JOB_NOT_RETRYABLE"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Only failed, cancelled or partly failed jobs can be retried; submit a new job otherwise."


class JobCancelledError(VideoAnnotatorError):
    """The job was cancelled."""

    code = "JOB_CANCELLED"
    grpc_status = "CANCELLED"
    http_status = 409
    default_hint = "Retry the job to run it again."


class JobTimeoutError(VideoAnnotatorError):
    """The attempt ran longer than an attempt may."""

    code = "JOB_TIMEOUT"
    grpc_status = "DEADLINE_EXCEEDED"
    http_status = 504
    default_hint = "Lower the sampling rate, cut the video, or ask the operator to raise VIDEOANNOTATOR_JOB_TIMEOUT."


class WorkerCrashedError(VideoAnnotatorError):
    """The worker process died too often while running this job."""

    code = "WORKER_CRASHED"
    grpc_status = "INTERNAL"
    http_status = 500
    default_hint = "The job may need more memory than the machine has; the worker log under logs/ has the last lines."


class GpuOutOfMemoryError(VideoAnnotatorError):
    """A model did not fit into the memory of the GPU."""

    code = "GPU_OUT_OF_MEMORY"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 507
    default_hint = "Lower VIDEOANNOTATOR_MAX_CONCURRENT_GPU_JOBS or choose a smaller model."
    retryable = True


class PipelineFailedError(VideoAnnotatorError):
    """A pipeline raised an error that is not in this table."""

    code = "PIPELINE_FAILED"
    grpc_status = "INTERNAL"
    http_status = 500
    default_hint = "The worker log has the traceback; other pipelines of the job are not affected."


class PartialFailureError(VideoAnnotatorError):
    """Some pipelines of the job failed; the results of the others are kept."""

    code = "PARTIAL_FAILURE"
    grpc_status = "INTERNAL"
    http_status = 500
    default_hint = "Read the error of each failed pipeline; retry the job to run all of them again."


class PipelineNotFoundError(VideoAnnotatorError):
    """No pipeline has that name or alias."""

    code = "PIPELINE_NOT_FOUND"
    grpc_status = "NOT_FOUND"
    http_status = 404
    default_hint = "`videoannotator pipelines` lists the pipelines that can run here."


class PipelineUnavailableError(VideoAnnotatorError):
    """The pipeline is known, but cannot run on this machine."""

    code = "PIPELINE_UNAVAILABLE"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "`videoannotator pipelines NAME` says what it needs."


class ModelMissingError(VideoAnnotatorError):
    """The weights of a model are not on this machine."""

    code = "MODEL_MISSING"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Put the file that the message names into VIDEOANNOTATOR_MODELS_DIR."


class ModelCorruptError(VideoAnnotatorError):
    """The weights of a model do not have the checksum that the manifest names."""

    code = "MODEL_CORRUPT"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 500
    default_hint = "Delete the file and install it again; weights with a wrong checksum are never loaded."


class RegistryError(VideoAnnotatorError):
    """The registered pipelines contradict each other; the service does not start."""

    code = "REGISTRY_INVALID"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 500
    default_hint = "Fix or uninstall the plugin that the message names."


class RecordTypeMissingError(VideoAnnotatorError):
    """A file holds records of a type whose package is not installed."""

    code = "RECORD_TYPE_MISSING"
    grpc_status = "FAILED_PRECONDITION"
    http_status = 409
    default_hint = "Install the package that brings the pipeline which wrote the file."


class ArtifactNotFoundError(VideoAnnotatorError):
    """No such artifact in this job."""

    code = "ARTIFACT_NOT_FOUND"
    grpc_status = "NOT_FOUND"
    http_status = 404
    default_hint = "List the artifacts of the job to see their ids."


class ArtifactCorruptError(VideoAnnotatorError):
    """The stored file is gone or has changed since it was committed."""

    code = "ARTIFACT_CORRUPT"
    grpc_status = "DATA_LOSS"
    http_status = 500
    default_hint = "Retry the job to make the file again, and check the disk."


class RangeNotSatisfiableError(VideoAnnotatorError):
    """The offset lies beyond the end of the file."""

    code = "RANGE_NOT_SATISFIABLE"
    grpc_status = "OUT_OF_RANGE"
    http_status = 416
    default_hint = "Use an offset from 0 to detail.size_bytes."


class TokenNotFoundError(VideoAnnotatorError):
    """No such token."""

    code = "TOKEN_NOT_FOUND"
    grpc_status = "NOT_FOUND"
    http_status = 404
    default_hint = "`videoannotator tokens list` shows the ids of all tokens."


# --- what the edge (Envoy) refuses before the service hears of it ----------------------------------------------------


class PathNotFoundError(VideoAnnotatorError):
    """No call has this path."""

    code = "PATH_NOT_FOUND"
    grpc_status = "UNIMPLEMENTED"
    http_status = 404
    default_hint = "docs/rest.md lists the paths."


class MethodNotAllowedError(VideoAnnotatorError):
    """The path exists, but not with this HTTP method."""

    code = "METHOD_NOT_ALLOWED"
    grpc_status = "UNIMPLEMENTED"
    http_status = 405
    default_hint = "The Allow header lists the methods of the path."


class RequestTimeoutError(VideoAnnotatorError):
    """The request did not arrive in time."""

    code = "REQUEST_TIMEOUT"
    grpc_status = "DEADLINE_EXCEEDED"
    http_status = 408
    default_hint = "Send the request without pauses; resume an upload from committed_bytes."
    retryable = True


class PayloadTooLargeError(VideoAnnotatorError):
    """The request is larger than any request but an upload may be."""

    code = "PAYLOAD_TOO_LARGE"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 413
    default_hint = "Send less at once."


class UpgradeRequiredError(VideoAnnotatorError):
    """The client speaks a version of HTTP that is too old."""

    code = "UPGRADE_REQUIRED"
    grpc_status = "UNIMPLEMENTED"
    http_status = 426
    default_hint = "Use HTTP/1.1 or HTTP/2."


class RateLimitedError(VideoAnnotatorError):
    """More requests come in than the service takes."""

    code = "RATE_LIMITED"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 429
    default_hint = "Wait as long as Retry-After says, and ask less often; events spare you polling."
    retryable = True


class HeadersTooLargeError(VideoAnnotatorError):
    """The address or the headers of the request are too long."""

    code = "HEADERS_TOO_LARGE"
    grpc_status = "RESOURCE_EXHAUSTED"
    http_status = 431
    default_hint = "Keep address and headers below 32 KiB."


class AnswerTimeoutError(VideoAnnotatorError):
    """The service did not answer in time."""

    code = "TIMEOUT"
    grpc_status = "DEADLINE_EXCEEDED"
    http_status = 504
    default_hint = "Try again later."
    retryable = True


def error_classes() -> Iterator[type[VideoAnnotatorError]]:
    """Yield every class of the taxonomy once, in the order of this file."""
    yield from VideoAnnotatorError.__subclasses__()


def error_class(code: str) -> type[VideoAnnotatorError]:
    """Return the class of ``code``; an unknown code is an InternalError."""
    return next((cls for cls in error_classes() if cls.code == code), InternalError)
