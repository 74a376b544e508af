"""Tells the server what a running attempt does."""

from __future__ import annotations

import threading
import time

from videoannotator.outcome import RunOutcome
from videoannotator.progress import LogLevel
from videoannotator.worker.channel import Channel
from videoannotator.worker.protocol import LogWritten, ProgressMade, RunEnded

_PROGRESS_INTERVAL = 0.25
"""Seconds between two progress messages of one pipeline."""
_STAGES = {
    "model_load": "loading the models",
    "decode": "looking at the frames",
    "export": "writing the results",
}


class ChannelObserver:
    """An Observer that passes on what it hears, progress not more often than anybody can look."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._told_at: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """Tell which stage the attempt entered."""
        self.log("info", _STAGES.get(name, name))

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        """Tell how far a pipeline is, unless that was sent a moment ago; the end is always sent."""
        now = time.monotonic()
        is_last = done + failed == total
        with self._lock:
            if not is_last and now - self._told_at.get(pipeline, 0.0) < _PROGRESS_INTERVAL:
                return
            self._told_at[pipeline] = now
        self._channel.send(ProgressMade(pipeline=pipeline, done=done, failed=failed, total=total))

    def finished(self, run: RunOutcome) -> None:
        """Tell that a pipeline ended."""
        self._channel.send(RunEnded(run=run))

    def log(self, level: LogLevel, message: str) -> None:
        """Tell the researcher something."""
        self._channel.send(LogWritten(level=level, message=message))
