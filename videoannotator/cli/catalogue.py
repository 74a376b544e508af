"""The pipelines of a server or of this installation, and their opinion of a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from rich.markup import escape
from videoannotator_client.plain import plain
from videoannotator_client.requests import ValidationResult

if TYPE_CHECKING:
    from videoannotator_client import Client

from videoannotator.cli.schema_words import in_words, value_in_words
from videoannotator.cli.terminal import Terminal
from videoannotator.errors import InvalidRequestError, VideoAnnotatorError, Violation


class Catalogue(Protocol):
    """A source of pipelines; a pipeline is a dictionary with the fields of the contract's message."""

    def all(self) -> list[dict[str, Any]]:
        """Every pipeline, those that cannot run too."""

    def get(self, name: str) -> dict[str, Any]:
        """One pipeline by name or alias."""

    def validate(self, pipelines: list[str], config: dict[str, Any], outputs: list[str]) -> ValidationResult:
        """Check a configuration."""


class ServerCatalogue:
    """What a server offers."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[dict[str, Any]]:
        """Ask the server for all pipelines."""
        return [plain(each) for each in self._client.pipelines(include_unavailable=True)]

    def get(self, name: str) -> dict[str, Any]:
        """Ask the server for one pipeline."""
        return plain(self._client.pipeline(name))

    def validate(self, pipelines: list[str], config: dict[str, Any], outputs: list[str]) -> ValidationResult:
        """Ask the server to check a configuration."""
        return self._client.validate(config, pipelines=pipelines, outputs=outputs)


class LocalCatalogue:
    """What this installation offers; models are looked for but nothing heavy is loaded."""

    def __init__(self) -> None:
        from videoannotator.models.store import ModelStore
        from videoannotator.pipelines.availability import Availability
        from videoannotator.pipelines.registry import Registry
        from videoannotator.settings import load_settings

        self._registry = Registry.load()
        self._store = ModelStore(load_settings().models_dir)
        self._availability = Availability(self._store)

    def all(self) -> list[dict[str, Any]]:
        """Return every registered pipeline."""
        names = (spec.name for spec in (*self._registry, *self._registry.unavailable))
        return [self.get(name) for name in sorted(names)]

    def get(self, name: str) -> dict[str, Any]:
        """Return a registered pipeline."""
        spec = self._registry.find(name)
        reason = self._availability.reason(spec)
        return {
            "name": spec.name,
            "aliases": list(spec.all_aliases),
            "display_name": spec.display_name,
            "description": spec.description,
            "family": spec.family,
            "variant": spec.variant,
            "stability": spec.stability,
            "tasks": list(spec.tasks),
            "modalities": list(spec.modalities),
            "config_schema": spec.config_schema(),
            "models": [self._store.manifest.entry(each).provenance.model_dump() for each in spec.models],
            "outputs": [asdict(each) for each in spec.outputs],
            "needs_gpu": spec.needs_gpu,
            "available": not reason,
            "unavailable_reason": reason,
        }

    def validate(self, pipelines: list[str], config: dict[str, Any], outputs: list[str]) -> ValidationResult:
        """Check a configuration as a server would."""
        from videoannotator.formats.names import validate_outputs
        from videoannotator.pipelines.validation import validate_config

        violations: list[Violation] = []
        try:
            validate_outputs(outputs)
        except InvalidRequestError as error:
            violations += error.violations
        try:
            valid = validate_config(self._registry, pipelines, config)
            self._availability.require(self._registry, valid)
        except VideoAnnotatorError as error:
            return ValidationResult((*error.violations, *violations))
        return ValidationResult(violations) if violations else ValidationResult((), valid.warnings, valid.config)


def print_pipelines(terminal: Terminal, pipelines: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of pipelines."""
    rows = [
        [
            each["name"] if each["available"] else f"[dim]{each['name']}[/]",
            ", ".join(each["aliases"]) or "-",
            ", ".join(each["modalities"]),
            ", ".join(output["format"] for output in each["outputs"]),
            escape(each["display_name"] if each["available"] else f"unavailable: {each['unavailable_reason']}"),
        ]
        for each in pipelines
    ]
    terminal.table(["PIPELINE", "ALIASES", "READS", "WRITES", ""], rows)


def print_pipeline(terminal: Terminal, pipeline: Mapping[str, Any]) -> None:
    """Print everything about one pipeline, its options above all."""
    out = terminal.out
    out.print(f"[bold]{pipeline['name']}[/]: {escape(pipeline['display_name'])}", highlight=False)
    out.print(escape(pipeline["description"]), highlight=False)
    if not pipeline["available"]:
        terminal.warn(f"cannot run here: {pipeline['unavailable_reason']}")
    facts = {
        "aliases": ", ".join(pipeline["aliases"]),
        "stability": pipeline["stability"],
        "outputs": "; ".join(f"{each['format']} ({', '.join(each['types'])})" for each in pipeline["outputs"]),
        "models": "; ".join(f"{each['id']} ({each['licence']})" for each in pipeline["models"]),
    }
    for name, value in facts.items():
        if value:
            out.print(f"[dim]{name:<11}[/]{escape(value)}", highlight=False)
    out.print()
    terminal.table(["OPTION", "TYPE", "DEFAULT", "MEANING"], [_option(*each) for each in _properties(pipeline)])
    if example := next(iter(_properties(pipeline)), None):
        name, schema = example
        terminal.note(f"\nFor example: --set {pipeline['name']}.{name}={value_in_words(schema.get('default'))}")


def _properties(pipeline: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    # A schema that came as a Struct has lost its order.
    return sorted(pipeline["config_schema"].get("properties", {}).items())


def _option(name: str, schema: Mapping[str, Any]) -> list[str]:
    default = value_in_words(schema.get("default"))
    return [f"[bold]{name}[/]", escape(in_words(schema)), escape(default), escape(schema.get("description", ""))]
