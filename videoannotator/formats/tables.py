"""Tidy CSV: one row for each observation, one column for each variable; opens in R, pandas and a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from videoannotator.annotations import (
    COCO_KEYPOINTS,
    EMOTIONS,
    FACE_LANDMARKS,
    BoundingBox,
    FaceObservation,
    PersonObservation,
    Scene,
)
from videoannotator.formats.files import text_file
from videoannotator.formats.result import Result

PERSON_COLUMNS = ("annotation_id", "frame", "time", "track_id", "x", "y", "width", "height", "score", "keypoints_seen")
KEYPOINT_COLUMNS = ("annotation_id", "frame", "time", "track_id", "keypoint", "x", "y", "score")
FACE_COLUMNS = (
    *("annotation_id", "frame", "time", "track_id", "x", "y", "width", "height", "score"),
    *("emotion", *EMOTIONS, "age", "gender", "gender_score"),
    *(f"{name}_{axis}" for name in FACE_LANDMARKS for axis in "xy"),
)
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


def write_faces(result: Result, path: Path) -> None:
    """Write a row for each face in each frame. Times in seconds, boxes and points in pixels, scores 0..1, age in years.

    ``annotation_id`` is the id of the same annotation in the COCO file; ``emotion`` is the most probable of the seven.
    What was not looked for is empty.
    """
    faces = cast("Sequence[FaceObservation]", result.records)
    _write(path, FACE_COLUMNS, (_face(number, face) for number, face in enumerate(faces, start=1)))


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
    seen = sum(joint.score > 0 for joint in person.keypoints)
    return [number, person.frame, _time(person.time), person.track_id, *_sides(person.box), _score(person.score), seen]


def _face(number: int, face: FaceObservation) -> list[Any]:
    emotions = [_score(face.emotions[name]) if face.emotions else None for name in EMOTIONS]
    age = None if face.age is None else f"{face.age:.1f}"
    gender = (None, None) if face.gender is None else (face.gender.label, _score(face.gender.score))
    points = [_pixels(value) for point in face.landmarks for value in point]
    no_points = [None] * (2 * len(FACE_LANDMARKS) - len(points))
    place = [number, face.frame, _time(face.time), face.track_id, *_sides(face.box), _score(face.score)]
    return [*place, face.emotion, *emotions, age, *gender, *points, *no_points]


def _sides(box: BoundingBox) -> list[str]:
    return [_pixels(value) for value in (box.x, box.y, box.width, box.height)]


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
