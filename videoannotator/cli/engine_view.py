"""What the engine does in this process, on the screen."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from videoannotator.cli.display import Display, work_in_words
from videoannotator.cli.failure import Failure
from videoannotator.cli.terminal import Terminal
from videoannotator.outcome import ErrorRecord, ProgressUnit, RunOutcome
from videoannotator.progress import LogLevel

_STAGES = {"model_load": "loading models", "decode": "looking at the video", "export": "writing the results"}


class EngineView:
    """An Observer that shows what it hears, or prints it as JSON events."""

    def __init__(self, terminal: Terminal, display: Display, title: str, units: Mapping[str, ProgressUnit]) -> None:
        """``units``: what the progress of each pipeline counts."""
        self._terminal = terminal
        self._display = display
        self._title = title
        self._units = units
        self._lock = threading.Lock()
        self._tenths: dict[str, int] = {}

    def stage(self, name: str) -> None:
        """Show which stage the work entered."""
        with self._lock:
            self._display.headline(f"{self._title}: {_STAGES.get(name, name)}")
            self._event(stage=name)

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        """Show how far a pipeline is."""
        fraction = min(done / total, 1.0) if total else 0.0
        with self._lock:
            unit = self._units[pipeline]
            self._display.progress(pipeline, "running", fraction, work_in_words(done, failed, total, unit))
            if self._tenths.get(pipeline) != int(fraction * 10):
                self._tenths[pipeline] = int(fraction * 10)
                self._event(pipeline=pipeline, progress=fraction, units_done=done, units_failed=failed, unit=unit)

    def finished(self, run: RunOutcome) -> None:
        """Show that a pipeline ended."""
        with self._lock:
            work = work_in_words(run.units_done, run.units_failed, None, run.unit)
            self._display.progress(run.pipeline, run.status, 1.0, work)
            self._event(pipeline=run.pipeline, status=run.status)

    def log(self, level: LogLevel, message: str) -> None:
        """Show a line."""
        with self._lock:
            self._display.log(level, message)
            self._event(log={"level": level, "message": message})

    def _event(self, **facts: object) -> None:
        if self._terminal.as_json:
            self._terminal.json(facts)


def failure_of_run(pipeline: str, error: ErrorRecord) -> Failure:
    """Return why the run of ``pipeline`` failed."""
    failure = Failure.of(error.exception())
    return Failure(
        failure.code, f"{pipeline}: {failure.message}", failure.status, failure.hint, failure.field,
        failure.violations,
    )  # fmt: skip
