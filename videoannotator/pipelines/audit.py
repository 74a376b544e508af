"""Checking every registered pipeline: names, configuration, packages, weights, and whether a worker can import it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from videoannotator.errors import RegistryError, VideoAnnotatorError
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec

IMPORT_COMMAND = (sys.executable, "-W", "ignore", "-m", "videoannotator.worker.imports")
"""Tries to import every pipeline; takes seconds, because all libraries are loaded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    pipeline: str
    """Its name; empty for what concerns the registry."""
    problem: str
    hint: str = ""


def audit(models: ModelStore) -> list[Finding]:
    """Return everything that is wrong with the pipelines of this installation; an empty list if nothing is."""
    try:
        registry = Registry.load()
    except RegistryError as error:
        return [Finding("", problem) for problem in error.detail["problems"]]
    findings = [*check(registry, Availability(models))]
    done = subprocess.run(IMPORT_COMMAND, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    broken = import_problems(registry, done.returncode, done.stdout, done.stderr)
    return findings + [Finding(name, f"a worker cannot import it: {problem}") for name, problem in broken.items()]


def check(registry: Registry, availability: Availability) -> Iterator[Finding]:
    """Yield what is wrong as far as it shows without importing anything heavy."""
    for spec in registry:
        yield from _spec_findings(spec, availability)


def import_problems(registry: Registry, code: int | None, stdout: bytes, stderr: bytes) -> dict[str, str]:
    """Return which pipelines a worker cannot import, and why, by name, from how `IMPORT_COMMAND` ended."""
    if code == 0:
        found: dict[str, str] = json.loads(stdout.splitlines()[-1])
        return found
    lines = stderr.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
    return dict.fromkeys(registry.names, f"the process that tried it ended badly: {lines[-1]}")


def _spec_findings(spec: PipelineSpec, availability: Availability) -> Iterator[Finding]:
    for problem in _schema_problems(spec):
        yield Finding(spec.name, problem)
    for error in availability.problems(spec):
        yield Finding(spec.name, error.message, error.hint or "")


def _schema_problems(spec: PipelineSpec) -> Iterator[str]:
    try:
        json.dumps(spec.config_schema(), allow_nan=False)
        defaults = spec.default_config()
    except (VideoAnnotatorError, ValueError, TypeError) as error:
        yield f"the schema of its configuration cannot be made: {error}"
        return
    for name, option in spec.config_schema()["properties"].items():
        if not option.get("description"):
            yield f"the option {name!r} has no description"
        if not any(key in option for key in ("type", "enum", "anyOf", "$ref", "allOf", "const")):
            yield f"the option {name!r} has no type"
    yield from _default_problems(spec, defaults)


def _default_problems(spec: PipelineSpec, defaults: Mapping[str, Any]) -> Iterator[str]:
    try:
        again = spec.config_model.model_validate(dict(defaults)).model_dump(mode="json")
    except ValueError as error:
        yield f"its default configuration is not valid: {error}"
        return
    if again != defaults:
        yield "the normal form of its default configuration is another one when it is read again"
