"""Tables as Parquet: opens in pandas, R (arrow), DuckDB and Spark. Numbers are exact, what is not known is null.

A column that is made from an annotated field carries its ``unit`` in the metadata of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoannotator.formats.tables import Table
from videoannotator.record_types.fields import Column
from videoannotator.results.durable_files import binary_file
from videoannotator.results.result import Result

if TYPE_CHECKING:
    import pyarrow

_BATCH = 1 << 16
"""Rows that stand in memory at a time."""


def write(table: Table, result: Result, path: Path) -> None:
    """Write the ``table`` of ``result``."""
    write_rows(table.columns, table.rows(result), path)


def write_rows(columns: Sequence[Column], rows: Iterable[Sequence[Any]], path: Path) -> None:
    """Write ``rows``, each with a value for each of ``columns``."""
    from pyarrow.parquet import ParquetWriter

    schema = _schema(columns)
    with binary_file(path) as file, ParquetWriter(file, schema) as writer:
        for batch in _batches(rows):
            writer.write_batch(_batch(schema, batch))


def _schema(columns: Sequence[Column]) -> pyarrow.Schema:
    import pyarrow

    types = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "text": pyarrow.string()}
    return pyarrow.schema(
        [
            pyarrow.field(column.name, types[column.kind], metadata={"unit": column.unit} if column.unit else None)
            for column in columns
        ]
    )


def _batch(schema: pyarrow.Schema, rows: Sequence[Sequence[Any]]) -> pyarrow.RecordBatch:
    import pyarrow

    columns = [pyarrow.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pyarrow.record_batch(columns, schema=schema)


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
