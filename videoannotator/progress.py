"""How running work reports what it does, and how it is stopped."""

from __future__ import annotations

from typing import Literal, Protocol

from videoannotator.outcome import RunOutcome

LogLevel = Literal["debug", "info", "warning", "error"]


class Observer(Protocol):
    """Hears what a running annotation does. Methods are called from several threads and must be quick."""

    def stage(self, name: str) -> None:
        """Work entered a stage: ``model_load``, ``decode``, ``export``."""

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        """``done`` of ``total`` units of work are done and ``failed`` lost; ``total`` is an estimate, None if unknown.

        The unit is the pipeline's: frames, or seconds of audio.
        """

    def finished(self, run: RunOutcome) -> None:
        """A pipeline ended, well or badly."""

    def log(self, level: LogLevel, message: str) -> None:
        """Something worth telling the researcher."""


class Cancellation(Protocol):
    """Whether to stop; ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Whether the work should stop."""
