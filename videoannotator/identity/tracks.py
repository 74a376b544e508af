"""One table of all identities: persons, faces and speakers, when they were there, and how they belong together."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from videoannotator.annotations import FaceObservation, PersonObservation, SpeakerTurn
from videoannotator.identity.faces import FaceLinker
from videoannotator.identity.intervals import Intervals, merged, presence, typical_step
from videoannotator.identity.links import Link
from videoannotator.identity.speakers import link_speakers

SeenT_co = TypeVar("SeenT_co", PersonObservation, FaceObservation, covariant=True)

Kind = Literal["person", "face", "speaker"]


@dataclass(frozen=True, slots=True)
class Seen(Generic[SeenT_co]):
    """What one pipeline saw: its records in the order of their times, and the frames that it looked at."""

    records: Sequence[SeenT_co]
    frames: Sequence[tuple[int, float]]
    """Index and time in seconds."""


@dataclass(frozen=True, slots=True)
class Track:
    """Everything known about one identity."""

    kind: Kind
    track_id: int | None
    """Number in the files of its pipeline; None for a speaker."""
    speaker: str | None
    """Name of a speaker; None for a person or a face."""
    first_seen: float
    """Seconds."""
    last_seen: float
    """Seconds: time of the last frame, or the end of the last turn."""
    seconds: float
    """How long it was there or spoke; a sighting lasts until the next frame that was looked at."""
    frames: int | None
    """In how many of the frames it was found; None for a speaker."""
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Identities:
    """All identities in one video."""

    tracks: tuple[Track, ...] = ()
    """Persons, then faces, each by number; then speakers by name."""
    faces: Mapping[int, Link] = field(default_factory=dict)
    """The person that each linked face belongs to, by the track id of the face."""

    @property
    def voices(self) -> Mapping[str, Link]:
        """Who each linked speaker is, by the speaker's name."""
        return {track.speaker: track.link for track in self.tracks if track.speaker is not None and track.link}


def identify(
    persons: Seen[PersonObservation] | None = None,
    faces: Seen[FaceObservation] | None = None,
    turns: Iterable[SpeakerTurn] = (),
    *,
    link_faces: bool = True,
) -> Identities:
    """Find out who is who. Each argument is left out if no pipeline produced it. ``link_faces``: to persons."""
    people, shown = _appearances(persons), _appearances(faces)
    speech = _speech(turns)
    on_persons = {
        face: Link(person, face, confidence, "face_inside_person")
        for face, (person, confidence) in (_linked(persons, faces) if persons and faces and link_faces else {}).items()
    }
    speakers = _speaker_links(people, shown, speech, on_persons)
    return Identities(
        (
            *(_visible("person", key, seen) for key, seen in sorted(people.items())),
            *(_visible("face", key, seen, on_persons.get(key)) for key, seen in sorted(shown.items())),
            *(_audible(name, spoken, speakers.get(name)) for name, spoken in sorted(speech.items())),
        ),
        on_persons,
    )


def _linked(persons: Seen[PersonObservation], faces: Seen[FaceObservation]) -> Mapping[int, tuple[int, float]]:
    linker = FaceLinker(persons.records, [time for _, time in persons.frames])
    return linker.link(faces.records)


@dataclass(frozen=True, slots=True)
class _Appearance:
    """When a track was seen."""

    times: array[float]
    step: float

    @property
    def intervals(self) -> Intervals:
        return presence(self.times, self.step)


def _appearances(seen: Seen[PersonObservation] | Seen[FaceObservation] | None) -> dict[int, _Appearance]:
    if seen is None:
        return {}
    step = typical_step([time for _, time in seen.frames])
    found: dict[int, _Appearance] = {}
    for record in seen.records:
        if record.track_id is not None:
            found.setdefault(record.track_id, _Appearance(array("d"), step)).times.append(record.time)
    return found


def _speech(turns: Iterable[SpeakerTurn]) -> dict[str, Intervals]:
    spoken: dict[str, list[tuple[float, float]]] = {}
    for turn in turns:
        spoken.setdefault(turn.speaker, []).append((turn.start, turn.end))
    return {speaker: merged(intervals) for speaker, intervals in spoken.items()}


def _speaker_links(
    people: Mapping[int, _Appearance],
    shown: Mapping[int, _Appearance],
    speech: Mapping[str, Intervals],
    on_persons: Mapping[int, Link],
) -> dict[str, Link]:
    """Link speakers to what is visible: persons with their faces, and faces without a person."""
    if not speech:
        return {}
    visible: dict[tuple[int | None, int | None], Intervals] = {}
    for person, seen in people.items():
        faces = [face for face, link in on_persons.items() if link.person == person]
        sightings = [seen.intervals, *(shown[face].intervals for face in faces)]
        key = (person, faces[0] if len(faces) == 1 else None)
        visible[key] = merged(interval for intervals in sightings for interval in intervals)
    for face, sighting in shown.items():
        if face not in on_persons:
            visible[None, face] = sighting.intervals
    return {
        speaker: Link(*who, confidence, "only_one_visible_while_speaking")
        for speaker, (who, confidence) in link_speakers(speech, visible).items()
    }


def _visible(kind: Kind, track_id: int, seen: _Appearance, link: Link | None = None) -> Track:
    times = seen.times
    return Track(kind, track_id, None, times[0], times[-1], _total(seen.intervals), len(times), link)


def _audible(speaker: str, spoken: Intervals, link: Link | None) -> Track:
    return Track("speaker", None, speaker, spoken[0][0], spoken[-1][1], _total(spoken), None, link)


def _total(intervals: Iterable[tuple[float, float]]) -> float:
    return sum(end - start for start, end in intervals)
