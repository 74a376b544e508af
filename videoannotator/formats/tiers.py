"""Everything that happens in a video as tiers of labelled intervals: what ELAN and Praat show.

Neither of them allows intervals of one tier to overlap, so each person, face and speaker has tiers of its own, and what
overlaps all the same goes to a second tier of the same name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby
from operator import itemgetter
from typing import cast

from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.formats.text_utils import one_line, whole_milliseconds
from videoannotator.identity import face_name, person_name
from videoannotator.identity.intervals import presence, typical_step
from videoannotator.results.result import Result


@dataclass(frozen=True, slots=True)
class Interval:
    """A labelled span of time in milliseconds; ``end`` is greater than ``start``."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Intervals in the order of their times, none of which overlap."""

    name: str
    intervals: tuple[Interval, ...]
    participant: str = ""
    """Whom it is about, for example ``person_001``; empty if it is about nobody in particular."""


_Drafts = Iterable[tuple[str, str, Sequence[Interval]]]
"""Name, participant and intervals of tiers that may still overlap."""


def tiers(results: Sequence[Result]) -> list[Tier]:
    """Return the tiers of one video: scenes, persons, faces and their emotions, utterances, words, speakers.

    Every result has at least one tier, which is empty if nothing was found. No name occurs twice.
    """
    found: list[Tier] = []
    for record, drafts in _DRAFTS.items():
        sources = [result for result in results if result.record is record]
        for result in sources:
            origin = f" ({result.pipeline})" if len(sources) > 1 else ""
            for name, participant, intervals in drafts(result):
                found += _lanes(one_line(f"{name}{origin}"), one_line(participant), intervals)
    return list(_distinct(found))


def _scenes(result: Result) -> _Drafts:
    scenes = cast("Sequence[Scene]", result.records)
    names = (f"scene {scene.index + 1}" + (f": {scene.label}" if scene.label else "") for scene in scenes)
    yield "scenes", "", [_interval(scene.start, scene.end, name) for scene, name in zip(scenes, names, strict=True)]


def _persons(result: Result) -> _Drafts:
    yield from _presence("persons", person_name, result)


def _faces(result: Result) -> _Drafts:
    yield from _presence("faces", face_name, result)
    step = typical_step([time for _, time in result.frames])
    feelings: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for face in cast("Sequence[FaceObservation]", result.records):
        if face.track_id is not None and face.emotion is not None:
            feelings[face.track_id].append((face.emotion, face.time))
    for track in sorted(feelings):
        yield f"{face_name(track)} emotion", face_name(track), _moods(feelings[track], step)


def _presence(everyone: str, name_of: Callable[[int], str], result: Result) -> _Drafts:
    step = typical_step([time for _, time in result.frames])
    times: dict[int, list[float]] = defaultdict(list)
    for seen in cast("Sequence[PersonObservation | FaceObservation]", result.records):
        if seen.track_id is not None:
            times[seen.track_id].append(seen.time)
    if not times:
        yield everyone, "", ()
    for track in sorted(times):
        name = name_of(track)
        yield name, name, _shown(presence(times[track], step), name)


def _moods(sightings: Sequence[tuple[str, float]], step: float) -> list[Interval]:
    """Return a span for each run of sightings with the same emotion; it ends where the next one begins."""
    found: list[Interval] = []
    for emotion, run in groupby(sightings, key=itemgetter(0)):
        for interval in _shown(presence([time for _, time in run], step), emotion):
            if found and found[-1].end > interval.start:
                found[-1] = Interval(found[-1].start, interval.start, found[-1].label)
            found.append(interval)
    return [interval for interval in found if interval.end > interval.start]


def _shown(when: Sequence[tuple[float, float]], label: str) -> list[Interval]:
    return [_interval(start, end, label) for start, end in when]


def _utterances(result: Result) -> _Drafts:
    said = cast("Sequence[Utterance]", result.records)
    yield from _by_speaker("utterances", ((each.speaker, each.start, each.end, each.text) for each in said))
    words = [word for each in said for word in each.words]
    if words:
        yield from _by_speaker("words", ((word.speaker, word.start, word.end, word.text) for word in words))


def _turns(result: Result) -> _Drafts:
    turns = cast("Sequence[SpeakerTurn]", result.records)
    yield from _by_speaker("speaker", ((turn.speaker, turn.start, turn.end, turn.speaker) for turn in turns))


def _by_speaker(name: str, entries: Iterable[tuple[str | None, float, float, str]]) -> _Drafts:
    """Yield a tier for each speaker, in the order of their names; whoever is not known comes first."""
    spoken: dict[str, list[Interval]] = defaultdict(list)
    for speaker, start, end, text in entries:
        spoken[speaker or ""].append(_interval(start, end, text))
    for speaker in sorted(spoken) or [""]:
        yield f"{name} {speaker}".strip(), speaker, spoken[speaker]


def _interval(start: float, end: float, label: str) -> Interval:
    return Interval(*whole_milliseconds(start, end), one_line(label))


def _lanes(name: str, participant: str, intervals: Sequence[Interval]) -> Iterator[Tier]:
    """Yield as few tiers as hold ``intervals`` without overlap."""
    lanes: list[list[Interval]] = [[]]
    for interval in sorted(intervals, key=lambda each: (each.start, each.end)):
        free = next((lane for lane in lanes if not lane or lane[-1].end <= interval.start), None)
        if free is None:
            lanes.append(free := [])
        free.append(interval)
    for number, lane in enumerate(lanes, start=1):
        yield Tier(name if number == 1 else f"{name} {number}", tuple(lane), participant)


def _distinct(found: Iterable[Tier]) -> Iterator[Tier]:
    """Yield tiers under names that occur once: a speaker may be called as another's second tier is."""
    taken: set[str] = set()
    for tier in found:
        name = next(each for each in _variants(tier.name) if each not in taken)
        taken.add(name)
        yield tier if name == tier.name else replace(tier, name=name)


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} #{number}" for number in count(2))


_DRAFTS: dict[type[Record], Callable[[Result], _Drafts]] = {
    Scene: _scenes,
    PersonObservation: _persons,
    FaceObservation: _faces,
    Utterance: _utterances,
    SpeakerTurn: _turns,
}
