"""Whether a pipeline can run on this machine, found out without loading anything heavy."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from typing import Any

from videoannotator.errors import PipelineUnavailableError, VideoAnnotatorError, Violation
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.pipelines.validation import ValidatedConfig


class Availability:
    """Knows what keeps pipelines from running: no implementation, missing packages, missing or wrong weights."""

    def __init__(self, models: ModelStore) -> None:
        self._models = models
        self._broken: Mapping[str, str] = {}

    def take_note(self, broken: Mapping[str, str]) -> None:
        """Remember which pipelines a worker cannot import, and why, by name."""
        self._broken = dict(broken)

    def problems(self, spec: PipelineSpec, config: Mapping[str, Any] | None = None) -> list[VideoAnnotatorError]:
        """Return what keeps ``spec`` from running, with ``config`` in normal form if given; nothing if it can run."""
        if spec.unavailable:
            return [PipelineUnavailableError(spec.unavailable, {"pipeline": spec.name}, spec.remedy)]
        missing = [package for package in spec.packages if importlib.util.find_spec(package) is None]
        if missing:
            message = f"{spec.name} needs packages that are not installed: {', '.join(missing)}."
            hint = f"Run `pip install 'videoannotator[{spec.extra}]'` where the service runs."
            return [PipelineUnavailableError(message, {"pipeline": spec.name, "packages": missing}, hint)]
        if spec.name in self._broken:
            message = f"{spec.name} cannot be imported by a worker: {self._broken[spec.name]}."
            hint = "`videoannotator audit` on the machine of the service says more."
            return [PipelineUnavailableError(message, {"pipeline": spec.name}, hint)]
        models: Iterable[str] = spec.models if config is None else spec.models_for(config)
        return self._models.check(dict.fromkeys(models))

    def require(self, registry: Registry, validated: ValidatedConfig) -> None:
        """Do nothing if all that is asked for can run.

        Raises:
            PipelineUnavailableError: A pipeline cannot run here. There is a violation for each problem.
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        found = [
            (f"config.{name}", problem)
            for name in validated.pipelines
            for problem in self.problems(registry.get(name), validated.config[name])
        ]
        if found:
            first = found[0][1]
            more = f" And {len(found) - 1} more." if len(found) > 1 else ""
            violations = [Violation(field, each.code, f"{each.message} {each.hint}") for field, each in found]
            raise type(first)(first.message + more, first.detail, first.hint, violations=violations)

    def reason(self, spec: PipelineSpec) -> str:
        """Return why ``spec`` cannot run and what would change that; empty if it can."""
        return " ".join(f"{problem.message} {problem.hint or ''}".strip() for problem in self.problems(spec))
