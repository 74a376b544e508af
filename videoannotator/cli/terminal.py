"""Where output goes: results to stdout, everything else to stderr, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from videoannotator.cli.failure import Failure
from videoannotator.cli.schema_words import in_words, value_in_words


class Terminal:
    """Prints for people, or with ``as_json`` for programs: one JSON value per line on stdout, nothing else there."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json

    @cached_property
    def out(self) -> Console:
        """Results. Lines that go to a file or a pipe are never wrapped."""
        return _console(stderr=False)

    @cached_property
    def err(self) -> Console:
        """Progress, warnings and errors."""
        return _console(stderr=True)

    @property
    def is_live(self) -> bool:
        """Whether progress can be drawn in place."""
        return not self.as_json and self.err.is_terminal and not self.err.is_dumb_terminal

    def json(self, value: Any) -> None:
        """Print a JSON value as one line."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """Print a line of the result; square brackets in it mean themselves."""
        self.out.print(escape(text), highlight=False)

    def note(self, text: str, style: str = "dim") -> None:
        """Print a line beside the result."""
        self.err.print(escape(text), style=style, highlight=False)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.err.print(f"[yellow]warning:[/] {escape(text)}", highlight=False)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print rows under headings; cells may carry rich's markup."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
        for column in columns:
            table.add_column(column, overflow="fold", no_wrap=column == columns[0])
        for row in rows:
            table.add_row(*row)
        self.out.print(table)

    def fail(self, failure: Failure) -> None:
        """Print an error: code, message, field, every violation, and what to do."""
        if self.as_json:
            self.json({"error": failure.as_dict()})
            return
        self.err.print(f"[bold red]{escape(failure.code)}[/]: {escape(failure.message)}", highlight=False)
        if failure.field and not failure.violations:
            self.err.print(f"  field: {escape(failure.field)}", highlight=False)
        for violation in failure.violations:
            where = f"[bold]{escape(violation.field)}[/]: " if violation.field else ""
            self.err.print(f"  {where}{escape(violation.message)} [dim]{violation.code}[/]", highlight=False)
            if violation.allowed is not None:
                allowed = violation.allowed
                words = in_words(allowed) if isinstance(allowed, dict) else value_in_words(allowed)
                self.err.print(f"    allowed: {escape(words)}", highlight=False)
            if violation.example is not None:
                self.err.print(f"    example: {escape(value_in_words(violation.example))}", highlight=False)
        if omitted := failure.detail.get("violations_omitted"):
            self.err.print(f"  and {value_in_words(omitted)} more", highlight=False)
        if failure.hint:
            self.err.print(f"  [cyan]hint:[/] {escape(failure.hint)}", highlight=False)


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, soft_wrap=not stream.isatty(), width=None if stream.isatty() else 200)
