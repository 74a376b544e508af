"""Pipelines and their configuration as the user gave them: names, a JSON or TOML file, and single settings."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from videoannotator_client.names import names_in

from videoannotator.errors import InvalidRequestError


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """Return ``KEY=VALUE`` texts as a dictionary.

    Raises:
        InvalidRequestError: If one has no key or no equals sign.
    """
    found = {}
    for value in values:
        key, equals, content = value.partition("=")
        if not equals or not key.strip():
            raise InvalidRequestError(
                f"{option} {value!r} is not KEY=VALUE", field=option, hint=f"For example: {option} study=pilot"
            )
        found[key.strip()] = content
    return found


def load_configuration(file: Path | None, settings: Iterable[str]) -> dict[str, Any]:
    """Return the configuration in ``file``, changed by ``settings`` like ``person_tracking.max_persons=2``.

    Raises:
        InvalidRequestError: If the file or a setting cannot be understood.
    """
    configuration = read_file(file) if file else {}
    for key, value in pairs(settings, "--set").items():
        *path, name = key.split(".")
        if not path or not all((*path, name)):
            raise InvalidRequestError(
                f"--set {key} names no pipeline.",
                field="--set",
                hint="Write PIPELINE.OPTION=VALUE, for example person_tracking.confidence_threshold=0.3",
            )
        section = configuration
        for part in path:
            section = section.setdefault(part, {})
            if not isinstance(section, dict):
                raise InvalidRequestError(f"--set {key}: {part} is a value, not a section.", field="--set")
        section[name] = parse_value(value)
    return configuration


def parse_value(text: str) -> Any:
    """Return ``text`` as the JSON value it is, or as itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_file(file: Path) -> dict[str, Any]:
    """Return the content of a JSON or TOML file.

    Raises:
        InvalidRequestError: If there is no such file or it holds no configuration.
    """
    try:
        text = file.read_text(encoding="utf-8")
        content = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be read: {error.strerror}", field="--config", hint="") from error
    except ValueError as error:  # what both parsers raise, also for bytes that are not UTF-8
        raise InvalidRequestError(
            f"{file} cannot be understood: {error}",
            field="--config",
            hint='Write JSON, or TOML in a file named .toml: {"scene_detection": {"threshold": 30}}',
        ) from error
    if not isinstance(content, Mapping):
        raise InvalidRequestError(
            f"{file} holds a {type(content).__name__}, not a configuration.",
            field="--config",
            hint='Write one section per pipeline: {"scene_detection": {"threshold": 30}}',
        )
    return dict(content)


def chosen_pipelines(names: Iterable[str], configuration: Mapping[str, Any]) -> list[str]:
    """Return the pipelines asked for; without names, those that the configuration has a section for.

    Raises:
        InvalidRequestError: If there is none at all.
    """
    chosen = names_in(names) or list(configuration)
    if not chosen:
        raise InvalidRequestError(
            "No pipeline was named.",
            field="--pipelines",
            hint="Name some: --pipelines person_tracking,scene_detection; `videoannotator pipelines` lists them.",
        )
    return chosen
