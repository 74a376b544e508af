"""Which files results become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.formats import captions, coco, csv_table, eaf, mot, parquet, rttm, textgrid
from videoannotator.formats.tables import TABLES
from videoannotator.results.result import Result


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one file of one pipeline's records: what follows the pipeline's name in the file's name, and how."""

    suffix: str
    media_type: str
    write: Callable[[Result, Path], None]


@dataclass(frozen=True, slots=True)
class JobWriter:
    """Writes one file about everything that was found in a video."""

    name: str
    media_type: str
    write: Callable[[Sequence[Result], Path], None]


def writers(output: str, record: type[Record]) -> Sequence[Writer]:
    """Return the writers of ``output`` (`videoannotator.formats.names.OUTPUTS`) for records of one type."""
    return _WRITERS.get((output, record), ())


def job_writer(output: str) -> JobWriter | None:
    """Return the writer of ``output`` if that is a file about all pipelines together."""
    return _JOB_WRITERS.get(output)


def _preview(results: Sequence[Result], path: Path) -> None:
    from videoannotator.drawing import preview  # drawing needs OpenCV, which writing text does not

    preview.write(results, path)


def _timeline(results: Sequence[Result], path: Path) -> None:
    from videoannotator.drawing import timeline

    timeline.write(results, path)


def _tables(ending: str, media_type: str, write: Callable[..., None]) -> dict[type[Record], Sequence[Writer]]:
    return {
        record: [Writer(f"{table.suffix}{ending}", media_type, partial(write, table)) for table in tables]
        for record, tables in TABLES.items()
    }


_JSON = "application/json"
_MOT = Writer("_mot.txt", "text/plain", mot.write)

_BY_FORMAT: Mapping[str, Mapping[type[Record], Sequence[Writer]]] = {
    "coco": {
        PersonObservation: (Writer(".json", _JSON, coco.write_persons),),
        FaceObservation: (Writer(".json", _JSON, coco.write_faces),),
        Scene: (Writer(".json", _JSON, coco.write_scenes),),
    },
    "csv": _tables(".csv", "text/csv", csv_table.write),
    "parquet": _tables(".parquet", parquet.MEDIA_TYPE, parquet.write),
    "webvtt": {Utterance: (Writer(".vtt", "text/vtt", captions.write_webvtt),)},
    "srt": {Utterance: (Writer(".srt", "application/x-subrip", captions.write_srt),)},
    "rttm": {SpeakerTurn: (Writer(".rttm", "text/plain", rttm.write),)},
    "mot": {PersonObservation: (_MOT,), FaceObservation: (_MOT,)},
}
_WRITERS = {(output, record): found for output, by_record in _BY_FORMAT.items() for record, found in by_record.items()}
_JOB_WRITERS = {
    "eaf": JobWriter("annotations.eaf", "text/x-eaf+xml", eaf.write),
    "textgrid": JobWriter("annotations.TextGrid", "text/praat-textgrid", textgrid.write),
    "preview": JobWriter("preview.png", "image/png", _preview),
    "timeline": JobWriter("timeline.png", "image/png", _timeline),
}
