"""Telling the history of a job from what a watch says of the moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import RUN_STATUS_RUNNING


def is_history(event: JobEvent) -> bool:
    """Return whether an event is kept; the rest says how something is now, and repeats the sequence before."""
    if event.HasField("progress"):
        return event.progress.status != RUN_STATUS_RUNNING
    return event.WhichOneof("event") not in {"snapshot", "heartbeat", "queue_position"}


def numbers(events: Iterable[JobEvent]) -> list[int]:
    """Return the sequences of the history."""
    return [event.sequence for event in events if is_history(event)]


def numbers_of_lines(events: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the same of events as the command line prints them."""
    return [
        event["sequence"]
        for event in events
        if not {"snapshot", "heartbeat", "queue_position"} & set(event)
        and event.get("progress", {}).get("status") != "running"
    ]
