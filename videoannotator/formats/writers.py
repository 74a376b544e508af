"""Which files a result becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene
from videoannotator.formats import coco, tables
from videoannotator.formats.result import Result


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
    ("csv", PersonObservation): (
        Writer(".csv", "text/csv", tables.write_persons),
        Writer("_keypoints.csv", "text/csv", tables.write_keypoints),
    ),
    ("csv", FaceObservation): (Writer(".csv", "text/csv", tables.write_faces),),
    ("csv", Scene): (Writer(".csv", "text/csv", tables.write_scenes),),
}


def writers(output: str, record: type[Record]) -> Sequence[Writer]:
    """Return the writers of ``output`` (`videoannotator.formats.names.OUTPUTS`) for records of one type."""
    return _WRITERS.get((output, record), ())
