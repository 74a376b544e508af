"""Records as NDJSON: everything that a pipeline found, number for number, one JSON object a line.

The first line is a ``header``: the video, the pipeline, its types of record and where they come from. A line ``frame``
follows for each frame that was looked at, and then one for each record; ``type`` says what a line is. Whatever a later
export needs is in the file, so that no model runs twice.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, overload

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from videoannotator.annotations import RECORDS, Record
from videoannotator.errors import InvalidRequestError, RecordTypeMissingError
from videoannotator.media.info import MediaInfo
from videoannotator.record_types.installed import plugin_records
from videoannotator.results.durable_files import binary_file
from videoannotator.results.frames import Frames
from videoannotator.results.result import NoThumbnails, Result

SUFFIX = ".ndjson"
_SCHEMA_VERSION = 1
_HINT = "Name files that `videoannotator run`, `annotate` or `results` wrote, whole and unchanged."
_BUILT_IN = {record.record_type.name: record for record in RECORDS}


class Header(BaseModel):
    """The first line of a file of records."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = _SCHEMA_VERSION
    video: str
    info: MediaInfo
    pipeline: str
    records: tuple[str, ...]
    """What its records are called in the lines that follow; there may be no such line."""
    provenance: dict[str, Any]


def write(results: Sequence[Result], path: Path) -> None:
    """Write the records of one pipeline. ``results``: one for each of its types of record, at least one."""
    first = results[0]
    names = tuple(result.record.record_type.name for result in results)
    header = Header(
        video=first.video, info=first.info, pipeline=first.pipeline, records=names, provenance=dict(first.provenance)
    )
    with binary_file(path) as file:
        file.write(_line("header", header.model_dump_json().encode()))
        for index, time in first.frames:
            file.write(b'{"type":"frame","frame":%d,"time":%s}\n' % (index, json.dumps(time).encode()))
        for result, name in zip(results, names, strict=True):
            dump = _adapter(result.record).dump_json
            for record in result.records:
                file.write(_line(name, dump(record)))


def _line(kind: str, document: bytes) -> bytes:
    """Return a line: the JSON object ``document`` with its ``type`` in front."""
    return b'{"type":"%s",%s\n' % (kind.encode(), document[1:])


def read(path: Path) -> list[Result]:
    """Return what a file of records holds: a result for each type of record of its pipeline.

    The records stay in the file, which must not change while they are used.

    Raises:
        InvalidRequestError: When it is another file or is damaged; damage inside of a record is found when it is used.
        RecordTypeMissingError: When the package that its records come from is not installed.
    """
    with path.open("rb") as file:
        header = _header(path, file)
        classes = _classes(path, header)
        frames, offsets = _survey(path, file, header)
    thumbnails = NoThumbnails()
    return [
        Result(
            video=header.video,
            info=header.info,
            pipeline=header.pipeline,
            record=classes[name],
            records=_Stored(path, classes[name], offsets[name]),
            frames=frames,
            thumbnails=thumbnails,
            provenance=header.provenance,
        )
        for name in header.records
    ]


def read_header(path: Path) -> Header:
    """Return the first line of a file of records.

    Raises:
        InvalidRequestError: It is not one.
    """
    with path.open("rb") as file:
        return _header(path, file)


def _header(path: Path, file: BinaryIO) -> Header:
    line = file.readline()
    if not line.startswith(b'{"type":"header",'):
        raise InvalidRequestError(f"{path.name} is not a file of records.", hint=_HINT)
    try:
        header = Header.model_validate_json(line)
    except ValidationError as error:
        raise _damaged(path, 1) from error
    if header.schema_version > _SCHEMA_VERSION:
        raise InvalidRequestError(
            f"{path.name} was written by a newer version of VideoAnnotator.", hint="Update this installation."
        )
    return header


def _classes(path: Path, header: Header) -> dict[str, type[Record]]:
    """Return the class of each type of record in the file."""
    known: dict[str, type[Record]] = dict(_BUILT_IN)
    if not known.keys() >= set(header.records):
        known = {**plugin_records(), **known}
    for name in header.records:
        if name not in known:
            message = f"{path.name} holds records of the type {name!r}, which is not installed here."
            hint = f"Install the package that brings the pipeline {header.pipeline!r}, or a newer VideoAnnotator."
            raise RecordTypeMissingError(message, {"record_type": name, "pipeline": header.pipeline}, hint)
    return {name: known[name] for name in header.records}


@cache
def _adapter(record: type[Record]) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def _survey(path: Path, file: BinaryIO, header: Header) -> tuple[Frames, dict[str, array[int]]]:
    """Return the frames, and where in the file the records of each type are."""
    frames = Frames()
    offsets = {name: array("q") for name in header.records}
    kinds = {f'{{"type":"{name}",'.encode(): found for name, found in offsets.items()}
    position = file.tell()
    for number, line in enumerate(file, start=2):
        start = line[: line.find(b",") + 1]
        if not line.endswith(b"}\n"):
            raise _damaged(path, number)
        if start == b'{"type":"frame",':
            frames.append(*_frame(path, number, line))
        elif (found := kinds.get(start)) is not None:
            found.append(position)
        else:
            raise _damaged(path, number)
        position += len(line)
    return frames, offsets


def _frame(path: Path, number: int, line: bytes) -> tuple[int, float]:
    try:
        entry = json.loads(line)
        return int(entry["frame"]), float(entry["time"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, number) from error


def _damaged(path: Path, number: int) -> InvalidRequestError:
    return InvalidRequestError(f"{path.name} is damaged in line {number}.", hint=_HINT)


class _Stored(Sequence[Record]):
    """Records in a file, parsed when they are used: those of hours of video would not fit into memory."""

    def __init__(self, path: Path, record: type[Record], offsets: array[int]) -> None:
        self._path = path
        self._record = record
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if isinstance(index, slice):
            return _Stored(self._path, self._record, self._offsets[index])
        with self._path.open("rb") as file:
            return self._parsed(file, self._offsets[index])

    def __iter__(self) -> Iterator[Record]:
        with self._path.open("rb") as file:
            for offset in self._offsets:
                yield self._parsed(file, offset)

    def _parsed(self, file: BinaryIO, offset: int) -> Record:
        file.seek(offset)
        try:
            record: Record = _adapter(self._record).validate_json(file.readline())
        except ValidationError as error:
            message = f"{self._path.name} is damaged: a record at byte {offset} cannot be read."
            raise InvalidRequestError(message, hint=_HINT) from error
        return record
