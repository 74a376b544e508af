"""Tables as CSV: opens in R, pandas and a spreadsheet. What is not known is empty."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from videoannotator.formats.tables import Table
from videoannotator.formats.text_utils import one_line
from videoannotator.record_types.fields import Column
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result


def write(table: Table, result: Result, path: Path) -> None:
    """Write the ``table`` of ``result``; numbers have as many decimal places as their columns say."""
    write_rows(table.columns, table.rows(result), path)


def write_rows(columns: Sequence[Column], rows: Iterable[Sequence[Any]], path: Path) -> None:
    """Write ``rows``, each of which has a value for each of ``columns``."""
    with text_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in columns)
        for row in rows:
            writer.writerow([_cell(column, value) for column, value in zip(columns, row, strict=True)])


def _cell(column: Column, value: Any) -> Any:
    if value is None or column.kind == "integer":
        return value
    # Not every reader of CSV takes a row that goes on in the next line.
    return f"{value:.{column.digits}f}" if column.kind == "number" else one_line(value)
