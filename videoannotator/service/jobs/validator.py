"""Deciding whether a request becomes a job: everything is checked, and everything that is wrong is reported at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from videoannotator.errors import InvalidConfigError, InvalidRequestError, Violation
from videoannotator.errors import VideoAnnotatorError as Error
from videoannotator.formats.names import validate_outputs
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.validation import ValidatedConfig, validate_config
from videoannotator.service.jobs.request import JobRequest

MAX_PRIORITY = 100
MAX_ATTEMPTS = 10
MAX_LABELS = 32
MAX_LABEL_NAME = 64
MAX_LABEL_VALUE = 256
MAX_REQUEST_ID = 128
MAX_RETENTION_DAYS = 36_500
MAX_PIPELINES = 32


class JobValidator:
    """Checks requests against what this installation can do."""

    def __init__(self, registry: Registry, availability: Availability, default_attempts: int) -> None:
        self._registry = registry
        self._availability = availability
        self._default_attempts = default_attempts

    def validate(self, request: JobRequest) -> JobRequest:
        """Return ``request`` in normal form.

        Raises:
            PipelineNotFoundError: A pipeline does not exist, and nothing else is wrong.
            InvalidConfigError, InvalidRequestError: Anything else is wrong; every violation is listed.
            PipelineUnavailableError, ModelMissingError, ModelCorruptError: A pipeline cannot run here.
        """
        problems: list[Error] = []
        validated = ValidatedConfig((), {})
        outputs: tuple[str, ...] = ()
        try:
            validated = validate_config(self._registry, request.pipelines[:MAX_PIPELINES], request.config)
        except Error as error:
            problems.append(error)
        try:
            outputs = validate_outputs(request.outputs) if request.outputs else ()
        except InvalidRequestError as error:
            problems.append(error)
        violations = list(_violations(request))
        if violations:
            problems.append(InvalidRequestError(violations[0].message, violations=violations))
        _raise_together(problems)
        self._availability.require(self._registry, validated)
        specs = [self._registry.get(name) for name in validated.pipelines]
        return replace(
            request,
            pipelines=validated.pipelines,
            config=validated.config,
            outputs=outputs,
            warnings=(*request.warnings, *validated.warnings),
            max_attempts=self._default_attempts if request.max_attempts is None else request.max_attempts,
            needs_gpu=any(spec.needs_gpu for spec in specs),
            need_frames=tuple(spec.name for spec in specs if "video" in spec.modalities),
            units={spec.name: spec.unit for spec in specs},
        )


def _violations(request: JobRequest) -> Iterator[Violation]:
    if not request.video_id:
        yield Violation("video_id", "REQUIRED_FIELD_MISSING", "video_id is missing.")
    if len(request.pipelines) > MAX_PIPELINES:
        yield _out_of_range("pipelines", 1, MAX_PIPELINES, "entries")
    if not -MAX_PRIORITY <= request.priority <= MAX_PRIORITY:
        yield _out_of_range("priority", -MAX_PRIORITY, MAX_PRIORITY)
    if request.max_attempts is not None and not 1 <= request.max_attempts <= MAX_ATTEMPTS:
        yield _out_of_range("max_attempts", 1, MAX_ATTEMPTS)
    if request.retention_days is not None and not 0 <= request.retention_days <= MAX_RETENTION_DAYS:
        yield _out_of_range("retention_days", 0, MAX_RETENTION_DAYS)
    if request.request_id is not None and not 1 <= len(request.request_id) <= MAX_REQUEST_ID:
        yield _out_of_range("request_id", 1, MAX_REQUEST_ID, "characters")
    if len(request.labels) > MAX_LABELS:
        yield _out_of_range("labels", 0, MAX_LABELS, "entries")
    for name, value in request.labels.items():
        if "\0" in name + value:
            yield Violation("labels", "INVALID_VALUE", "A label must not contain NUL characters.")
        if not 1 <= len(name) <= MAX_LABEL_NAME:
            yield _out_of_range(f"labels.{name[:20]}", 1, MAX_LABEL_NAME, "characters of its name")
        if len(value) > MAX_LABEL_VALUE:
            yield _out_of_range(f"labels.{name[:20]}", 0, MAX_LABEL_VALUE, "characters")


def _out_of_range(name: str, minimum: int, maximum: int, unit: str = "") -> Violation:
    return Violation(
        name,
        "VALUE_OUT_OF_RANGE",
        f"{name} must have {minimum} to {maximum} {unit}" if unit else f"{name} must be {minimum} to {maximum}",
        {"minimum": minimum, "maximum": maximum},
        max(minimum, 1) if not unit else None,
    )


def _raise_together(problems: list[Error]) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        violations = tuple(violation for problem in problems for violation in problem.violations)
        message = f"{violations[0].message} And {len(violations) - 1} more."
        kind = InvalidConfigError if isinstance(problems[0], InvalidConfigError) else InvalidRequestError
        raise kind(message, violations=violations)
