"""All identities in one video, as CSV: a row for each person, face and speaker, and how they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from videoannotator.annotations import FaceObservation, PersonObservation, Record, SpeakerTurn, Utterance
from videoannotator.formats import csv_table, parquet
from videoannotator.identity import Identities, Seen, Track, face_name, identify, person_name
from videoannotator.record_types.fields import Column
from videoannotator.results.result import Result

COLUMNS = (
    Column("kind", "text"),
    Column("id", "text"),
    Column("track_id", "integer"),
    Column("first_seen", "number", 6),
    Column("last_seen", "number", 6),
    Column("seconds", "number", 3),
    Column("frames", "integer"),
    Column("person_id", "text"),
    Column("face_id", "text"),
    Column("link_confidence", "number", 4),
    Column("link_rule", "text"),
)

RecordT = TypeVar("RecordT", PersonObservation, FaceObservation)


def has_identities(results: Sequence[Result]) -> bool:
    """Whether any of ``results`` is about persons, faces or speakers."""
    return any(result.record in (PersonObservation, FaceObservation, SpeakerTurn) for result in results)


def identified(results: Sequence[Result]) -> tuple[list[Result], Identities]:
    """Find out who is who in ``results``, all of them about one video; return them with their links.

    Faces whose pipeline has ``link_to_persons`` off are not linked.
    """
    persons = _about(results, PersonObservation)
    faces = _about(results, FaceObservation)
    turns = _about(results, SpeakerTurn)
    linking = faces is None or faces.provenance.get("pipeline", {}).get("config", {}).get("link_to_persons", True)
    identities = identify(
        _seen(persons, PersonObservation),
        _seen(faces, FaceObservation),
        cast("Sequence[SpeakerTurn]", turns.records) if turns else (),
        link_faces=linking,
    )
    linked = [replace(each, links=identities.faces) if each is faces else each for each in results]
    spoken = (SpeakerTurn, Utterance)
    return [replace(each, voices=identities.voices) if each.record in spoken else each for each in linked], identities


def write(identities: Identities, path: Path) -> None:
    """Write the table. Times in seconds, confidence 0..1; docs/identity.md explains the rules."""
    csv_table.write_rows(COLUMNS, map(_row, identities.tracks), path)


def write_parquet(identities: Identities, path: Path) -> None:
    """Write the same table as Parquet."""
    parquet.write_rows(COLUMNS, map(_row, identities.tracks), path)


def _row(track: Track) -> tuple[Any, ...]:
    number, link = track.track_id, track.link
    person = number if track.kind == "person" else link.person if link else None
    face = number if track.kind == "face" else link.face if link else None
    person_id = None if person is None else person_name(person)
    face_id = None if face is None else face_name(face)
    own = {"person": person_id, "face": face_id, "speaker": track.speaker}[track.kind]
    times = (track.first_seen, track.last_seen, track.seconds)
    grounds = (link.confidence, link.rule) if link else (None, None)
    return (track.kind, own, number, *times, track.frames, person_id, face_id, *grounds)


def _about(results: Sequence[Result], record: type[Record]) -> Result | None:
    return next((result for result in results if result.record is record), None)


def _seen(result: Result | None, _: type[RecordT]) -> Seen[RecordT] | None:
    return None if result is None else Seen(cast("Sequence[RecordT]", result.records), result.frames)
