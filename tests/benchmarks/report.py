"""How benchmarks measure and print: medians of a few runs, and ratios beside the numbers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Return the median time that ``work`` takes; a first run, which fills caches, does not count."""
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@dataclass
class Report:
    """A table: what was measured, the number, how it compares, and the goal if there is one."""

    title: str
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, measured: str, ratio: float | None = None, goal: str = "") -> None:
        """Add a row; ``ratio`` compares it with what the row names."""
        self.rows.append((what, measured, "" if ratio is None else f"{ratio:.2f}", goal))

    def print(self) -> None:
        """Print the table; in a pipe, as wide as it needs to be."""
        table = Table(title=self.title, title_justify="left", box=None, padding=(0, 3, 0, 0))
        table.add_column("")
        table.add_column("MEASURED", justify="right")
        table.add_column("RATIO", justify="right")
        table.add_column("GOAL")
        for row in self.rows:
            table.add_row(*row)
        console = Console()
        console.width = max(console.width, 120)
        console.print(table)
