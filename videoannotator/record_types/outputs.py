"""Which formats there are, and what files of them the records of a type become."""

from __future__ import annotations

from collections.abc import Mapping

from videoannotator.record_types.declaration import FrameType, RecordType

MEDIA_TYPES: Mapping[str, str] = {
    "ndjson": "application/x-ndjson",
    "coco": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "webvtt": "text/vtt",
    "srt": "application/x-subrip",
    "rttm": "text/plain",
    "eaf": "text/x-eaf+xml",
    "textgrid": "text/praat-textgrid",
    "mot": "text/plain",
    "preview": "image/png",
    "timeline": "image/png",
}
"""Every format that can be asked for, with the media type of its files."""

TABLES: Mapping[str, str] = {"csv": ".csv", "parquet": ".parquet"}
"""The formats of tables, with the ends of their files' names."""

OF_A_JOB = ("eaf", "textgrid", "preview", "timeline")
"""Formats that tell of all pipelines of a job in one file. Every record has a place in them."""


def suffixes(record_type: RecordType, output: str) -> tuple[str, ...]:
    """Return what follows the pipeline's name in the name of each file that its records of one type become.

    Empty for a format that has no place for them, and for one that tells of all pipelines together.
    """
    if own := tuple(file.suffix for file in record_type.files if file.format == output):
        return own
    if output in TABLES:
        tables = [table.suffix for table in record_type.tables] or [record_type.suffix]
        return tuple(f"{suffix}{TABLES[output]}" for suffix in tables)
    if output == "coco" and isinstance(record_type, FrameType) and record_type.coco is not None:
        return (f"{record_type.suffix}.json",)
    return ()


def can_hold(output: str, record_type: RecordType) -> bool:
    """Whether ``output`` has a place for records of a type."""
    return output == "ndjson" or output in OF_A_JOB or bool(suffixes(record_type, output))
