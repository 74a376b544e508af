"""Which files results become: what their types of record declare, and what tells of all pipelines together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videoannotator.annotations import Record
from videoannotator.formats import coco_declared, csv_table, eaf, parquet, textgrid
from videoannotator.formats.tables import Table, tables_of
from videoannotator.record_types.names import resolve
from videoannotator.record_types.outputs import MEDIA_TYPES, suffixes
from videoannotator.results.result import Result

Write = Callable[[Result, Path], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one file of one pipeline's records: what follows the pipeline's name in the file's name, and how."""

    suffix: str
    media_type: str
    write: Write


@dataclass(frozen=True, slots=True)
class JobWriter:
    """Writes one file about everything that was found in a video."""

    name: str
    media_type: str
    write: Callable[[Sequence[Result], Path], None]


def writers(output: str, record: type[Record]) -> Sequence[Writer]:
    """Return the writers of ``output`` (`videoannotator.formats.names.OUTPUTS`) for records of one type."""
    ends = suffixes(record.record_type, output)
    writes = _writes(output, record) if ends else ()
    return [Writer(end, MEDIA_TYPES[output], write) for end, write in zip(ends, writes, strict=True)]


def job_writer(output: str) -> JobWriter | None:
    """Return the writer of ``output`` if that is a file about all pipelines together."""
    return _JOB_WRITERS.get(output)


def _writes(output: str, record: type[Record]) -> Sequence[Write]:
    """Return what writes each file: the type's own writers, or those that follow its declaration."""
    if own := [resolve(file.writer) for file in record.record_type.files if file.format == output]:
        return own
    if output in _TABLE_WRITERS:
        return [partial(_TABLE_WRITERS[output], table) for table in tables_of(record)]
    return [coco_declared.write]


def _preview(results: Sequence[Result], path: Path) -> None:
    from videoannotator.drawing import preview  # drawing needs OpenCV, which writing text does not

    preview.write(results, path)


def _timeline(results: Sequence[Result], path: Path) -> None:
    from videoannotator.drawing import timeline

    timeline.write(results, path)


_TABLE_WRITERS: Mapping[str, Callable[[Table, Result, Path], None]] = {
    "csv": csv_table.write,
    "parquet": parquet.write,
}
_JOB_WRITERS = {
    "eaf": JobWriter("annotations.eaf", MEDIA_TYPES["eaf"], eaf.write),
    "textgrid": JobWriter("annotations.TextGrid", MEDIA_TYPES["textgrid"], textgrid.write),
    "preview": JobWriter("preview.png", MEDIA_TYPES["preview"], _preview),
    "timeline": JobWriter("timeline.png", MEDIA_TYPES["timeline"], _timeline),
}
