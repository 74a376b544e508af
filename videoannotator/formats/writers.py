"""Which files results become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene
from videoannotator.formats import coco, csv_file, parquet
from videoannotator.formats.result import Result
from videoannotator.formats.tables import TABLES


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one file: what comes after the pipeline's name in the file's name, the media type, and the function."""

    suffix: str
    media_type: str
    write: Callable[[Result, Path], None]


_WRITERS: dict[tuple[str, type[Record]], Sequence[Writer]] = {
    ("coco", PersonObservation): (Writer(".json", "application/json", coco.write_persons),),
    ("coco", FaceObservation): (Writer(".json", "application/json", coco.write_faces),),
    ("coco", Scene): (Writer(".json", "application/json", coco.write_scenes),),
    **{
        ("csv", record): [Writer(f"{table.suffix}.csv", "text/csv", partial(csv_file.write, table)) for table in tables]
        for record, tables in TABLES.items()
    },
    **{
        ("parquet", record): [
            Writer(f"{table.suffix}.parquet", "application/vnd.apache.parquet", partial(parquet.write, table))
            for table in tables
        ]
        for record, tables in TABLES.items()
    },
}


def writers(output: str, record: type[Record]) -> Sequence[Writer]:
    """Return the writers of ``output`` (`videoannotator.formats.names.OUTPUTS`) for records of one type."""
    return _WRITERS.get((output, record), ())
