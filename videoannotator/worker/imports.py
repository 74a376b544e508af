"""``python -m videoannotator.worker.imports``: import every pipeline as a worker would, and print what is wrong.

A process of its own: what a worker imports is heavy, and may crash.
"""

from __future__ import annotations

import importlib
import inspect
import json
import logging

from videoannotator.models.telemetry import disable_telemetry
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec


def main() -> None:
    """Print an object with a sentence for each pipeline whose implementation is not usable, by name."""
    logging.disable()
    disable_telemetry()
    found = {spec.name: problem for spec in Registry.load() if (problem := _problem(spec))}
    print(json.dumps(found))


def _problem(spec: PipelineSpec) -> str:
    module, _, attribute = spec.implementation.partition(":")
    try:
        implementation = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # noqa: BLE001 - an import can raise anything; that it does is what is looked for
        return f"{type(error).__name__}: {error}"
    if not callable(implementation):
        return f"{spec.implementation} is not a class or a function."
    try:
        inspect.signature(implementation).bind("config", "info", "sessions")
    except TypeError as error:
        return f"{spec.implementation} does not take a configuration, media facts and models: {error}."
    if isinstance(implementation, type):
        wanted = ("process", "finish", "warnings", *(("rate",) if "video" in spec.modalities else ()))
        absent = [name for name in wanted if not hasattr(implementation, name)]
        if absent:
            return f"{spec.implementation} has no {', '.join(absent)}."
    return ""


if __name__ == "__main__":
    main()
