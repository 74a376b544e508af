"""Checking what a researcher asks for before anything is stored or started."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import AliasChoices, ValidationError
from pydantic_core import ErrorDetails

from videoannotator.errors import InvalidConfigError, PipelineNotFoundError, PipelineUnavailableError, Violation
from videoannotator.pipelines.config import as_whole
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec

_CODES = {
    "missing": "REQUIRED_FIELD_MISSING",
    "extra_forbidden": "UNKNOWN_FIELD",
    "greater_than": "VALUE_OUT_OF_RANGE",
    "greater_than_equal": "VALUE_OUT_OF_RANGE",
    "less_than": "VALUE_OUT_OF_RANGE",
    "less_than_equal": "VALUE_OUT_OF_RANGE",
    "out_of_range": "VALUE_OUT_OF_RANGE",
    "finite_number": "VALUE_OUT_OF_RANGE",
    "literal_error": "INVALID_VALUE",
    "value_error": "INVALID_VALUE",
}
_CONSTRAINTS = (
    *("type", "enum", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
    *("minItems", "maxItems", "minLength", "maxLength"),
)


_NoPipeline = PipelineNotFoundError | PipelineUnavailableError


@dataclass(frozen=True, slots=True)
class ValidatedConfig:
    """A request that can run."""

    pipelines: tuple[str, ...]
    """Canonical names, each once, in the order they were asked for."""
    config: dict[str, dict[str, Any]]
    """Every field of each of ``pipelines`` with its value; JSON types only, present names only."""
    warnings: tuple[str, ...] = field(default=())
    """What was understood but has no effect."""


def validate_config(
    registry: Registry, pipelines: Sequence[str] | None, config: Mapping[str, Any] | None = None
) -> ValidatedConfig:
    """Check names and configuration of ``pipelines``; None stands for every pipeline that ``config`` has a section of.

    Raises:
        PipelineNotFoundError: Unknown names in ``pipelines`` are all that is wrong.
        PipelineUnavailableError: Pipelines that cannot run are all that is wrong.
        InvalidConfigError: Anything else is wrong; every violation is listed.
    """
    sections = {} if config is None else config
    if not isinstance(sections, Mapping):
        raise _failure([_wrong_type("config", sections, "an object with one section per pipeline")])
    unknown = list(_unknown_pipelines(registry, [] if pipelines is None else pipelines))
    wrong, given = _sections(registry, sections)
    chosen = given if pipelines is None else [name for name in pipelines if name in registry]
    names = tuple(dict.fromkeys(registry.get(name).name for name in chosen))
    if pipelines is not None and not pipelines:
        wrong.append(_missing_pipelines(registry))
    normal = {}
    for name in dict.fromkeys((*names, *given)):
        section_path, section = given.get(name, (f"config.{name}", {}))
        normal[name], violations = _check_section(registry.get(name), section_path, section)
        wrong += violations
    if unknown and not wrong:
        raise _not_found(registry, unknown, list(pipelines or ()))
    if wrong:
        raise _failure([*unknown, *wrong])
    warnings = tuple(f"{given[name][0]} has no effect: {name} was not selected." for name in given if name not in names)
    return ValidatedConfig(names, {name: normal[name] for name in names}, warnings)


def _failure(violations: list[Violation]) -> InvalidConfigError:
    more = f" And {len(violations) - 1} more." if len(violations) > 1 else ""
    return InvalidConfigError(violations[0].message + more, violations=tuple(violations))


def _not_found(registry: Registry, unknown: list[Violation], pipelines: list[str]) -> _NoPipeline:
    error = _refusal(registry, next(name for name in pipelines if name not in registry))
    return type(error)(error.message, error.detail, error.hint, violations=tuple(unknown))


def _refusal(registry: Registry, name: str) -> _NoPipeline:
    """Return what the registry has to say about a pipeline that it does not have."""
    try:
        registry.get(name)
    except (PipelineNotFoundError, PipelineUnavailableError) as error:
        return error
    raise AssertionError(name)


def _unknown_pipelines(registry: Registry, pipelines: Sequence[str]) -> Iterator[Violation]:
    for index, name in enumerate(pipelines):
        if name not in registry:
            yield _unknown_pipeline(registry, f"pipelines[{index}]", name)


def _unknown_pipeline(registry: Registry, path: str, name: str) -> Violation:
    allowed = list(registry.names)
    error = _refusal(registry, str(name))
    suggestion = f" {error.hint}" if error.hint != error.default_hint else ""
    return Violation(path, error.code, error.message + suggestion, allowed, allowed[0])


def _missing_pipelines(registry: Registry) -> Violation:
    allowed = list(registry.names)
    return Violation("pipelines", "REQUIRED_FIELD_MISSING", "Choose at least one pipeline.", allowed, allowed[:1])


def _wrong_type(path: str, value: Any, expected: str) -> Violation:
    return Violation(path, "INVALID_TYPE", f"{path} must be {expected}, not {_shown(value)}.", {"type": "object"}, {})


def _sections(registry: Registry, config: Mapping[str, Any]) -> tuple[list[Violation], dict[str, tuple[str, Any]]]:
    """Return what is wrong with the names of the sections, and path and content of each by canonical name."""
    wrong: list[Violation] = []
    given: dict[str, tuple[str, Any]] = {}
    for key, section in config.items():
        path = f"config.{key}"
        if key not in registry:
            wrong.append(_unknown_pipeline(registry, path, key))
            continue
        name = registry.get(key).name
        if name in given:
            message = f"{path} and {given[name][0]} configure the same pipeline; keep one of them."
            wrong.append(Violation(path, "INVALID_VALUE", message))
            continue
        given[name] = (path, {} if section is None else section)
    return wrong, given


def _check_section(spec: PipelineSpec, path: str, section: Any) -> tuple[dict[str, Any], list[Violation]]:
    if not isinstance(section, Mapping):
        return {}, [_wrong_type(path, section, "an object")]
    try:
        return spec.config_model.model_validate(dict(section)).model_dump(mode="json"), []
    except ValidationError as error:
        return {}, [_violation(spec, path, detail) for detail in error.errors(include_url=False) if _is_true(detail)]


def _is_true(detail: ErrorDetails) -> bool:
    """Return False for a list that is said to be too short only because wrong entries were not counted."""
    return detail["type"] != "too_short" or len(detail["input"]) < detail["ctx"]["min_length"]


def _violation(spec: PipelineSpec, path: str, detail: ErrorDetails) -> Violation:
    location = [str(part) for part in detail["loc"]]
    where = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
    code = _CODES.get(detail["type"], "INVALID_TYPE" if detail["type"].endswith("_type") else "INVALID_VALUE")
    if detail["type"] in ("int_parsing", "int_from_float", "bool_parsing"):
        code = "INVALID_TYPE"
    if code == "UNKNOWN_FIELD":
        return _unknown_field(spec, where, location[-1])
    found = _field_of(spec, location[0]) if location else None
    if found is None:
        return Violation(where, code, f"{where}: {detail['msg']}.")
    schema, example = spec.config_schema()["properties"][found], spec.default_config()[found]
    if len(location) > 1:
        schema, example = schema.get("items", {}), example[0]
    message = f"{where} is {_shown(detail['input'])}: {_reason(detail)}."
    context = detail.get("ctx", {})
    allowed = {key: value for key, value in {**schema, **context}.items() if key in _CONSTRAINTS}
    if example is None:
        example = next(iter(schema.get("examples", ())), None)
    return Violation(where, code, message, allowed, context.get("example", example))


def _reason(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "too_short":
            return f"it needs at least {context['min_length']} entries"
        case "too_long":
            return f"it may have at most {context['max_length']} entries"
        case "tuple_type":
            return "input should be a list"
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _unknown_field(spec: PipelineSpec, where: str, name: str) -> Violation:
    fields = list(spec.config_model.model_fields)
    if (present := _field_of(spec, name)) is not None:
        return Violation(where, "UNKNOWN_FIELD", f"{where} says the same as {present}; keep one of them.", fields)
    nearest = get_close_matches(name, fields, n=1)
    suggestion = f" Did you mean {nearest[0]!r}?" if nearest else ""
    message = f"{spec.name} has no option {name!r}.{suggestion}"
    return Violation(where, "UNKNOWN_FIELD", message, fields, nearest[0] if nearest else None)


def _field_of(spec: PipelineSpec, name: str) -> str | None:
    """Return the present name of the field that ``name`` means."""
    for key, info in spec.config_model.model_fields.items():
        alias = info.validation_alias
        if name == key or (isinstance(alias, AliasChoices) and name in alias.choices):
            return key
    return None


def _shown(value: Any) -> str:
    """Return ``value`` as JSON, short enough for a message; 5 for 5.0, which a protobuf Struct made of it."""
    try:
        text = json.dumps(as_whole(value))
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
