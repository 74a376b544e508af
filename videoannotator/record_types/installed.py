"""The record classes that installed plugins bring, for those who read files that a plugin's pipeline wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP = "videoannotator.pipelines"
"""Where an installed package announces its pipelines, each as a `videoannotator.pipelines.spec.PipelineSpec`."""


def plugin_records() -> dict[str, type[Any]]:
    """Return the record classes of all plugins by their names in files. A plugin that is broken is logged."""
    return {
        record.record_type.name: record
        for entry in entry_points(group=ENTRY_POINT_GROUP)
        for record in _records(entry)
        if hasattr(record, "record_type")
    }


def _records(entry: EntryPoint) -> Iterator[type[Any]]:
    try:
        yield from entry.load().records
    except Exception as error:  # noqa: BLE001 - a plugin can raise anything, and files of others must still be read
        logger.warning("The plugin %r (%s) cannot be loaded: %r.", entry.name, entry.value, error)
