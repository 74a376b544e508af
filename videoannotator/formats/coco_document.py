"""The frame of every COCO file: what it is about, its images, and its annotations, a line for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, TextIO

from videoannotator.annotations import BoundingBox
from videoannotator.results.result import Result


def write_document(file: TextIO, head: dict[str, Any], lists: dict[str, Iterable[Any]]) -> None:
    """Write one JSON object, a line for each entry of each list: hours of video never stand in memory as one text."""
    parts = chain(
        (f"{json.dumps(key)}: {_json(value)}" for key, value in head.items()),
        (_lines(key, entries) for key, entries in lists.items()),
    )
    file.write("{\n")
    for number, part in enumerate(parts):
        file.write(",\n" if number else "")
        if isinstance(part, str):
            file.write(part)
        else:
            file.writelines(part)
    file.write("\n}\n")


def _lines(key: str, entries: Iterable[Any]) -> Iterator[str]:
    yield f"{json.dumps(key)}: ["
    for number, entry in enumerate(entries):
        yield ("\n" if number == 0 else ",\n") + _json(entry)
    yield "]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def info(result: Result) -> dict[str, Any]:
    """Return what the file is about and where it comes from."""
    provenance = dict(result.provenance)
    finished = str(provenance["finished_at"])
    return {
        "description": f"COCO annotations of {result.video}, made by VideoAnnotator",
        "version": "1.0",
        "year": int(finished[:4]),
        "contributor": "VideoAnnotator",
        "date_created": finished,
        "provenance": provenance,
    }


def image_id(video: str, frame: int) -> str:
    """Return the id of the image of a frame."""
    return f"{video}_frame_{frame:06d}"


def image(result: Result, frame: int, time: float) -> dict[str, Any]:
    """Return the image of a frame that was looked at; ``time`` in seconds."""
    return {
        "id": image_id(result.video, frame),
        "width": result.info.width,
        "height": result.info.height,
        "file_name": f"frame_{frame:06d}.jpg",
        "video_id": result.video,
        "frame_number": frame,
        "timestamp": round(time, 6),
    }


def bbox(box: BoundingBox) -> dict[str, Any]:
    """Return the keys of an annotation that tell where it is."""
    return {
        "bbox": [round(value, 2) for value in (box.x, box.y, box.width, box.height)],
        "area": round(box.width * box.height, 2),
        "iscrowd": 0,
    }
