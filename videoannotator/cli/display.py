"""Progress of an annotation on the screen: drawn in place on a terminal, as plain lines anywhere else."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.spinner import Spinner

from videoannotator.cli.terminal import Terminal

_LEVEL_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "red"}
_STATE_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow"}


class Display(Protocol):
    """What can be shown of an annotation while it runs."""

    def headline(self, text: str) -> None:
        """What happens now."""

    def progress(self, pipeline: str, state: str, fraction: float, frames: str) -> None:
        """How far a pipeline is: ``fraction`` from 0 to 1, ``frames`` in words."""

    def log(self, level: str, text: str) -> None:
        """A line that stays."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def open_display(terminal: Terminal) -> Display:
    """Return the display that fits where stderr goes; with ``--json`` it says nothing."""
    if terminal.is_live:
        return LiveDisplay(terminal)
    return LineDisplay(terminal, quiet=terminal.as_json)


def work_in_words(done: int, failed: int, total: int | None, unit: str = "frames") -> str:
    """Return ``120/300 frames, 2 failed``, or ``12/30 s of audio`` if ``unit`` is ``seconds``."""
    what = "s of sound" if unit == "seconds" else "frames"
    work = f"{done}/{total} {what}" if total else f"{done} {what}"
    return f"{work}, {failed} failed" if failed else work


class LiveDisplay:
    """A headline and one bar for each pipeline, redrawn in place; log lines scroll above them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._spinner = Spinner("dots", text="")
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TextColumn("[dim]{task.fields[frames]}"),
            console=terminal.err,
        )
        self._tasks: dict[str, TaskID] = {}
        self._live = Live(
            Group(self._spinner, self._progress), console=terminal.err, transient=True, refresh_per_second=12
        )

    def headline(self, text: str) -> None:
        """Put ``text`` beside the spinner."""
        self._spinner.update(text=escape(text))

    def progress(self, pipeline: str, state: str, fraction: float, frames: str) -> None:
        """Move the bar of ``pipeline``."""
        if pipeline not in self._tasks:
            self._tasks[pipeline] = self._progress.add_task(pipeline, total=1.0, frames="")
        style = _STATE_STYLES.get(state)
        name = f"[{style}]{escape(pipeline)}[/]" if style else escape(pipeline)
        self._progress.update(self._tasks[pipeline], completed=fraction, frames=escape(frames), description=name)

    def log(self, level: str, text: str) -> None:
        """Print ``text`` above the bars."""
        style = _LEVEL_STYLES.get(level, "")
        self._live.console.print(escape(text), style=style, highlight=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()


class LineDisplay:
    """One line for each thing that is new; of progress, every tenth part."""

    def __init__(self, terminal: Terminal, quiet: bool = False) -> None:
        self._terminal = terminal
        self._quiet = quiet
        self._said: dict[str, object] = {}

    def headline(self, text: str) -> None:
        """Print ``text`` when it changed."""
        self._print_news("", text, text)

    def progress(self, pipeline: str, state: str, fraction: float, frames: str) -> None:
        """Print how far ``pipeline`` is when it passed another tenth."""
        if state != "pending":
            self._print_news(pipeline, (state, int(fraction * 10)), f"{pipeline}: {state}, {fraction:.0%} ({frames})")

    def log(self, level: str, text: str) -> None:
        """Print the line."""
        self._print(f"{level}: {text}")

    def _print_news(self, topic: str, news: object, text: str) -> None:
        if self._said.get(topic) != news:
            self._said[topic] = news
            self._print(text)

    def _print(self, text: str) -> None:
        if not self._quiet:
            self._terminal.err.print(escape(text), highlight=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return
