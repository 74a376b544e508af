"""The Python client of VideoAnnotator: `Client`, and `AsyncClient` for programs with an event loop.

Errors are those of `videoannotator.errors`, one class for each code. docs/python-client.md shows how to use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from videoannotator_client._async.client import AsyncClient as AsyncClient
    from videoannotator_client._async.client import AsyncRun as AsyncRun
    from videoannotator_client._async.connection import AsyncConnection as AsyncConnection
    from videoannotator_client._sync.client import Client as Client
    from videoannotator_client._sync.client import Run as Run
    from videoannotator_client._sync.connection import Connection as Connection
    from videoannotator_client.following import error_of_job as error_of_job
    from videoannotator_client.following import followed as followed
    from videoannotator_client.following import has_ended as has_ended
    from videoannotator_client.plain import plain as plain
    from videoannotator_client.progress import Progress as Progress

_HOMES = {
    "AsyncClient": "_async.client",
    "AsyncConnection": "_async.connection",
    "AsyncRun": "_async.client",
    "Client": "_sync.client",
    "Connection": "_sync.connection",
    "Run": "_sync.client",
    "error_of_job": "following",
    "followed": "following",
    "has_ended": "following",
    "plain": "plain",
    "Progress": "progress",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load what is asked for: gRPC takes a moment, and the command line starts without it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
