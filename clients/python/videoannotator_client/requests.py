"""What a job should be, and whether a server would accept it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct

from videoannotator.errors import (
    InvalidConfigError,
    InvalidRequestError,
    ModelCorruptError,
    ModelMissingError,
    PipelineNotFoundError,
    PipelineUnavailableError,
    VideoAnnotatorError,
    Violation,
)
from videoannotator.v1.jobs_pb2 import SubmitJobRequest
from videoannotator.v1.pipelines_pb2 import ValidateConfigRequest, ValidateConfigResponse
from videoannotator.v1.types_pb2 import Job
from videoannotator_client.names import Names, names_in
from videoannotator_client.plain import enum_name, enum_number, plain

JobOrId: TypeAlias = Job | str

_OF_PIPELINES: tuple[type[VideoAnnotatorError], ...] = (
    *(PipelineNotFoundError, PipelineUnavailableError),
    *(ModelMissingError, ModelCorruptError),
)
"""What can be wrong though the configuration is right."""


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What should happen with a video."""

    pipelines: Names = ()
    """Names or aliases; without any, those that the configuration has a section for."""
    config: Mapping[str, Any] | None = None
    """One section per pipeline."""
    outputs: Names = ()
    """File formats; none for all."""
    labels: Mapping[str, str] | None = None
    priority: int = 0
    """Higher runs first: -100 to 100."""
    max_attempts: int | None = None
    """How often pipelines may fail with a passing error: 1 to 10."""
    retention_days: int | None = None
    """How long the server keeps the job after its end; 0 until someone deletes it."""
    request_id: str | None = None
    """Makes asking twice harmless; every submission has its own unless given."""

    def submission(self, video_id: str) -> SubmitJobRequest:
        """Return the request for a job on a video."""
        return SubmitJobRequest(
            video_id=video_id,
            pipelines=self._pipelines,
            config=as_struct(self.config or {}),
            outputs=names_in(self.outputs),
            labels=self.labels,
            priority=self.priority,
            max_attempts=self.max_attempts,
            retention_days=self.retention_days,
            request_id=self.request_id or uuid.uuid4().hex,
        )

    def validation(self) -> ValidateConfigRequest:
        """Return the question whether a job would be accepted."""
        return ValidateConfigRequest(
            config=as_struct(self.config or {}), pipelines=self._pipelines, outputs=names_in(self.outputs)
        )

    @property
    def _pipelines(self) -> list[str]:
        return names_in(self.pipelines) or list(self.config or {})


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What is wrong with a configuration; if nothing, what it means."""

    violations: Sequence[Violation] = ()
    warnings: Sequence[str] = ()
    normalized: dict[str, Any] | None = None
    """The configuration with every default; None if it is wrong."""

    @property
    def valid(self) -> bool:
        """Whether a job with this configuration would be accepted."""
        return not self.violations

    def require(self) -> None:
        """Do nothing if the configuration is valid.

        Raises:
            InvalidConfigError: With every violation.
            PipelineNotFoundError: If nothing else is wrong than the names of pipelines.
            PipelineUnavailableError, ModelMissingError, ModelCorruptError: If nothing else keeps them from running.
        """
        if self.violations:
            raise self.rejection()

    def rejection(self) -> VideoAnnotatorError:
        """Return the error that the violations mean."""
        count = len(self.violations)
        message = "1 problem was found" if count == 1 else f"{count} problems were found"
        codes = {violation.code for violation in self.violations}
        kind = next((each for each in _OF_PIPELINES if codes == {each.code}), InvalidConfigError)
        return kind(message, violations=self.violations)


def validation_result(answer: ValidateConfigResponse) -> ValidationResult:
    """Return the result in an answer."""
    violations = tuple(Violation(**plain(violation)) for violation in answer.violations)
    return ValidationResult(
        violations, tuple(answer.warnings), MessageToDict(answer.normalized) if answer.valid else None
    )


def as_struct(config: Mapping[str, Any]) -> Struct:
    """Return a configuration as protobuf has it.

    Raises:
        InvalidRequestError: If it holds something that JSON does not have, as dates or NaN.
    """
    try:
        return ParseDict(dict(config), Struct())
    except (ParseError, TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"The configuration holds a value that JSON cannot express: {error}", field="config"
        ) from error


def id_of(job: JobOrId) -> str:
    """Return the id of a job."""
    return job if isinstance(job, str) else job.id


def number_of(enum: Any, name: str | None, field: str) -> Any:
    """Return the enum value that people call ``name``, 0 for None.

    Raises:
        InvalidRequestError: If there is none.
    """
    if name is None:
        return enum.ValueType(0)
    number = enum_number(enum.DESCRIPTOR, name)
    if number is None:
        known = [enum_name(enum.DESCRIPTOR, value) for value in enum.values() if value]
        raise InvalidRequestError(
            f"{name!r} is not a known {field.removeprefix('--')}.",
            field=field,
            hint=f"Choose one of: {', '.join(known)}.",
        )
    return enum.ValueType(number)
