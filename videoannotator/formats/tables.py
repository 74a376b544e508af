"""Tidy CSV: one row for each observation, one column for each variable; opens in R, pandas and a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from videoannotator.annotations import COCO_KEYPOINTS, PersonObservation, Scene
from videoannotator.formats.files import text_file
from videoannotator.formats.result import Result

PERSON_COLUMNS = ("annotation_id", "frame", "time", "track_id", "x", "y", "width", "height", "score", "keypoints_seen")
KEYPOINT_COLUMNS = ("annotation_id", "frame", "time", "track_id", "keypoint", "x", "y", "score")
SCENE_COLUMNS = ("scene", "start", "end", "duration", "start_frame", "end_frame")


def write_persons(result: Result, path: Path) -> None:
    """Write a row for each person in each frame. Times in seconds, boxes in pixels, scores 0..1.

    ``annotation_id`` is the id of the same annotation in the COCO file; ``track_id`` is empty for a person without
    identity.
    """
    _write(path, PERSON_COLUMNS, (_person(number, entry) for number, entry in _people(result)))


def write_keypoints(result: Result, path: Path) -> None:
    """Write a row for each joint of each person; x and y of a joint that was not seen are empty, its score is 0."""
    rows = (
        [
            number,
            person.frame,
            _time(person.time),
            person.track_id,
            name,
            _pixels(joint.x) if joint.score > 0 else None,
            _pixels(joint.y) if joint.score > 0 else None,
            _score(joint.score),
        ]
        for number, person in _people(result)
        for name, joint in zip(COCO_KEYPOINTS, person.keypoints, strict=False)
    )
    _write(path, KEYPOINT_COLUMNS, rows)


def write_scenes(result: Result, path: Path) -> None:
    """Write a row for each scene, counted from 1. Times in seconds; ``end`` and ``end_frame`` are exclusive."""
    rows = (
        [
            scene.index + 1,
            _time(scene.start),
            _time(scene.end),
            _time(scene.end - scene.start),
            scene.start_frame,
            scene.end_frame,
        ]
        for scene in cast("Sequence[Scene]", result.records)
    )
    _write(path, SCENE_COLUMNS, rows)


def _people(result: Result) -> Iterable[tuple[int, PersonObservation]]:
    return enumerate(cast("Sequence[PersonObservation]", result.records), start=1)


def _person(number: int, person: PersonObservation) -> list[Any]:
    box = person.box
    sides = [_pixels(value) for value in (box.x, box.y, box.width, box.height)]
    seen = sum(joint.score > 0 for joint in person.keypoints)
    return [number, person.frame, _time(person.time), person.track_id, *sides, _score(person.score), seen]


def _write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with text_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _time(seconds: float) -> str:
    return f"{seconds:.6f}"


def _pixels(value: float) -> str:
    return f"{value:.2f}"


def _score(value: float) -> str:
    return f"{value:.4f}"
