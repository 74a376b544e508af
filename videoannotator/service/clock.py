"""The time as the service sees it."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Returns Unix seconds; tests bring their own."""
