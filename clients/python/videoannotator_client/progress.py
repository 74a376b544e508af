"""How far something is, and bars that show it: in terminals and in notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as RichProgress

from videoannotator.errors import ConfigurationError
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job, ProgressUnit
from videoannotator_client.following import followed
from videoannotator_client.plain import enum_name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task is: ``done`` of ``total`` in ``unit``. A task is a pipeline, a file that is sent or fetched."""

    task: str
    done: int
    total: int
    unit: str
    """bytes, frames, seconds, or %."""


ProgressCallback: TypeAlias = Callable[[Progress], None]
"""Gets how far something is, possibly in another thread."""

ProgressOption: TypeAlias = ProgressCallback | bool | Literal["rich", "tqdm"]
"""What to do with progress: True shows a bar that fits the place, a name chooses one, a function gets it."""


class Bar(Protocol):
    """Shows progress until it is closed."""

    def __call__(self, progress: Progress) -> None:
        """Show how far a task is."""

    def close(self) -> None:
        """Leave the bars as they are."""


class RichBar:
    """One line for each task, drawn by rich; without ``console`` on stderr, and only on a terminal."""

    def __init__(self, console: Console | None = None, *, enabled: bool | None = None, transient: bool = False) -> None:
        console = console or Console(stderr=True)
        if enabled is None:
            enabled = console.is_terminal or console.is_jupyter
        self._progress = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TextColumn("[dim]{task.fields[words]}"),
            console=console,
            disable=not enabled,
            transient=transient,
        )
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def __call__(self, progress: Progress) -> None:
        """Move the bar of a task."""
        if progress.task not in self._tasks:
            self._tasks[progress.task] = self._progress.add_task(escape(progress.task), words="")
        self._progress.update(
            self._tasks[progress.task], completed=progress.done, total=progress.total, words=_in_words(progress)
        )

    def close(self) -> None:
        """Stop drawing."""
        self._progress.stop()


class TqdmBar:
    """One bar of tqdm for each task: a widget in notebooks, text elsewhere."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "The module tqdm is not installed.", hint="Install it: pip install tqdm"
            ) from error
        self._tqdm: Any = tqdm
        self._bars: dict[str, Any] = {}

    def __call__(self, progress: Progress) -> None:
        """Move the bar of a task."""
        if progress.task not in self._bars:
            self._bars[progress.task] = self._tqdm(desc=progress.task)
        bar = self._bars[progress.task]
        # A pipeline has no unit of its own before it begins, so each of these may change.
        bar.unit_scale = progress.unit == "bytes"
        bar.unit = "B" if bar.unit_scale else progress.unit
        bar.total = progress.total
        bar.n = progress.done
        bar.refresh()

    def close(self) -> None:
        """Close every bar."""
        for bar in self._bars.values():
            bar.close()


@contextmanager
def reporter(option: ProgressOption) -> Iterator[ProgressCallback]:
    """Yield what does with progress what ``option`` says; bars are closed at the end.

    Raises:
        ConfigurationError: If tqdm is asked for and not installed.
    """
    if not isinstance(option, bool | str):
        yield option
        return
    if option is False:
        yield lambda _: None
        return
    bar = _bar(option)
    try:
        yield bar
    finally:
        bar.close()


def report_bytes(report: ProgressCallback, task: str, total: int) -> Callable[[int], None]:
    """Return a function that reports how many bytes of a task are done."""
    return lambda done: report(Progress(task, done, total, "bytes"))


class JobProgress:
    """Turns the events of a job into progress of its pipelines."""

    def __init__(self, report: ProgressCallback) -> None:
        self._report = report
        self._job = Job()

    def __call__(self, event: JobEvent) -> None:
        """Report every pipeline that is elsewhere than before."""
        before = {run.pipeline: run.SerializeToString(deterministic=True) for run in self._job.runs}
        self._job = followed(self._job, event)
        for run in self._job.runs:
            if before.get(run.pipeline) == run.SerializeToString(deterministic=True):
                continue
            if run.units_total:
                unit = enum_name(ProgressUnit.DESCRIPTOR, run.unit or ProgressUnit.PROGRESS_UNIT_FRAMES)
                self._report(Progress(run.pipeline, run.units_done, run.units_total, unit))
            else:
                self._report(Progress(run.pipeline, round(100 * run.progress), 100, "%"))


def _bar(option: Literal[True, "rich", "tqdm"] | str) -> Bar:
    if option == "tqdm":
        return TqdmBar()
    # Rich redraws nothing in notebooks that lack ipywidgets; tqdm falls back to text there.
    if option is True and Console().is_jupyter:
        try:
            return TqdmBar()
        except ConfigurationError:
            return RichBar()
    return RichBar()


def _in_words(progress: Progress) -> str:
    if progress.unit == "bytes":
        return f"{progress.done / 2**20:.1f}/{progress.total / 2**20:.1f} MiB"
    return "" if progress.unit == "%" else f"{progress.done}/{progress.total} {progress.unit}"
