"""Tidy tables: one row for each observation, one column for each variable. What CSV and Parquet both write.

Times are in seconds, boxes and points in pixels, scores from 0 to 1, ages in years. What was not found or not looked
for is None. ``annotation_id`` is the id of the same annotation in the COCO file. Everything else is counted from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from videoannotator.annotations import (
    COCO_KEYPOINTS,
    FACE_LANDMARKS,
    BoundingBox,
    FaceObservation,
    PersonObservation,
    Record,
    Scene,
    SpeakerTurn,
    Utterance,
)
from videoannotator.emotions import EMOTIONS
from videoannotator.identity.links import person_name
from videoannotator.record_types import FrameType
from videoannotator.record_types.fields import Column, FieldColumn
from videoannotator.record_types.fields import columns as field_columns
from videoannotator.record_types.names import resolve
from videoannotator.results.result import Result


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the records of one type."""

    columns: tuple[Column, ...]
    rows: Callable[[Result], Iterable[Sequence[Any]]]
    """Yields the values of each row, one for each of ``columns``."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def tables_of(record: type[Record]) -> tuple[Table, ...]:
    """Return the tables of the records of one type, the main one first: its own, or one made from its fields."""
    own = record.record_type.tables
    return tuple(resolve(each.table) for each in own) if own else (_declared(record),)


def _declared(record: type[Record]) -> Table:
    """Return a table with a column for each field. Its first column counts the rows from 1."""
    declared, shown = record.record_type, field_columns(record)
    first = "annotation_id" if isinstance(declared, FrameType) else declared.name
    return Table((*_integers(first), *(each.column for each in shown)), partial(_field_values, shown))


def _field_values(shown: Sequence[FieldColumn], result: Result) -> Iterator[tuple[Any, ...]]:
    for number, record in enumerate(result.records, start=1):
        yield (number, *(each.value(record) for each in shown))


def _integers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer") for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text") for name in names)


def _times(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "number", 6) for name in names)


def _pixels(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "number", 2) for name in names)


def _scores(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "number", 4) for name in names)


_DETECTION = (*_integers("annotation_id", "frame"), *_times("time"), *_integers("track_id"))
_BOX = (*_pixels("x", "y", "width", "height"), *_scores("score"))
_SPAN = _times("start", "end", "duration")


def _people(result: Result) -> Iterator[tuple[Any, ...]]:
    for number, person in enumerate(cast("Sequence[PersonObservation]", result.records), start=1):
        seen = sum(joint.score > 0 for joint in person.keypoints)
        yield (*_detection(number, person), *_box(person.box), person.score, seen)


def _keypoints(result: Result) -> Iterator[tuple[Any, ...]]:
    for number, person in enumerate(cast("Sequence[PersonObservation]", result.records), start=1):
        for name, joint in zip(COCO_KEYPOINTS, person.keypoints, strict=False):
            place = (joint.x, joint.y) if joint.score > 0 else (None, None)
            yield (*_detection(number, person), name, *place, joint.score)


def _faces(result: Result) -> Iterator[tuple[Any, ...]]:
    for number, face in enumerate(cast("Sequence[FaceObservation]", result.records), start=1):
        emotions = [face.emotions[name] if face.emotions else None for name in EMOTIONS]
        gender = (face.gender.label, face.gender.score) if face.gender else (None, None)
        points = [value for point in face.landmarks for value in point]
        no_points = [None] * (2 * len(FACE_LANDMARKS) - len(points))
        link = None if face.track_id is None else result.links.get(face.track_id)
        person = (person_name(link.person), link.confidence) if link and link.person is not None else (None, None)
        place = (*_detection(number, face), *_box(face.box), face.score, *person)
        yield (*place, face.emotion, *emotions, face.age, *gender, *points, *no_points)


def _scenes(result: Result) -> Iterator[tuple[Any, ...]]:
    for scene in cast("Sequence[Scene]", result.records):
        label = (scene.label, scene.labels[scene.label]) if scene.label else (None, None)
        yield (scene.index + 1, *_span(scene), scene.start_frame, scene.end_frame, *label)


def _utterances(result: Result) -> Iterator[tuple[Any, ...]]:
    for said in cast("Sequence[Utterance]", result.records):
        speaker = (said.speaker, said.speaker_score)
        yield (said.index + 1, *_span(said), *speaker, said.language, said.score, said.text)


def _words(result: Result) -> Iterator[tuple[Any, ...]]:
    number = 0
    for said in cast("Sequence[Utterance]", result.records):
        for word in said.words:
            number += 1
            yield (number, said.index + 1, *_span(word), word.speaker, word.score, word.text)


def _turns(result: Result) -> Iterator[tuple[Any, ...]]:
    for turn in cast("Sequence[SpeakerTurn]", result.records):
        yield (turn.index + 1, *_span(turn), turn.speaker)


def _detection(number: int, seen: PersonObservation | FaceObservation) -> tuple[Any, ...]:
    return (number, seen.frame, seen.time, seen.track_id)


def _box(box: BoundingBox) -> tuple[float, ...]:
    return (box.x, box.y, box.width, box.height)


def _span(record: Any) -> tuple[float, ...]:
    return (record.start, record.end, record.end - record.start)


PEOPLE = Table((*_DETECTION, *_BOX, *_integers("keypoints_seen")), _people)
"""A row for each person in each frame."""

KEYPOINTS = Table((*_DETECTION, *_texts("keypoint"), *_pixels("x", "y"), *_scores("score")), _keypoints)
"""A row for each joint of each person; one that was not seen has no place and the score 0."""

FACES = Table(
    (
        *(*_DETECTION, *_BOX, *_texts("person_id"), *_scores("person_link_confidence")),
        *(*_texts("emotion"), *_scores(*EMOTIONS), Column("age", "number", 1)),
        *(*_texts("gender"), *_scores("gender_score")),
        *_pixels(*(f"{name}_{axis}" for name in FACE_LANDMARKS for axis in "xy")),
    ),
    _faces,
)
"""A row for each face in each frame; ``person_id`` names the person with track id 3 ``person_003``."""

SCENES = Table(
    (
        *(*_integers("scene"), *_SPAN, *_integers("start_frame", "end_frame")),
        *(*_texts("label"), *_scores("label_score")),
    ),
    _scenes,
)
"""A row for each scene; ``end`` and ``end_frame`` are exclusive, and frames are counted from 0."""

UTTERANCES = Table(
    (
        *(*_integers("utterance"), *_SPAN, *_texts("speaker"), *_scores("speaker_score")),
        *(*_texts("language"), *_scores("score"), *_texts("text")),
    ),
    _utterances,
)
"""A row for each utterance."""

WORDS = Table(
    (*_integers("word", "utterance"), *_SPAN, *_texts("speaker"), *_scores("score"), *_texts("text")),
    _words,
)
"""A row for each word; ``utterance`` is the number of the one it belongs to."""

TURNS = Table((*_integers("turn"), *_SPAN, *_texts("speaker")), _turns)
"""A row for each stretch in which one person speaks."""
