"""What a time line shows: tracks of coloured spans for scenes, persons, faces, speakers and what they say."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from videoannotator.annotations import (
    EMOTIONS,
    FaceObservation,
    PersonObservation,
    Record,
    Scene,
    SpeakerTurn,
    Utterance,
)
from videoannotator.drawing.colours import EMOTION_COLOURS, FAINT, SCENES, Colour, Colours
from videoannotator.identity.intervals import presence, typical_step
from videoannotator.results.result import Result

KeyT = TypeVar("KeyT", int, str)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds, and what is written into it if there is room."""

    start: float
    end: float
    colour: Colour
    text: str = ""


@dataclass(frozen=True, slots=True)
class TimelineTrack:
    """Stretches in a row, in the order of their starts. ``apart``: each is to be told from the next."""

    label: str
    colour: Colour
    spans: Sequence[Span]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class TrackGroup:
    """Lanes that belong together."""

    noun: str
    """What one of them is called, for example ``person``."""
    plural: str
    count: int
    """How many there are, shown or not."""
    tracks: Sequence[TimelineTrack]
    origin: str = ""
    """The pipeline, where several found things of the same kind."""
    hidden: int = 0
    """How many have no lane, because they were there for a shorter time than those that have one."""
    captions: Sequence[Span] = field(default=())
    """Texts that stand below the tracks if there is room for all of them."""


def groups(results: Sequence[Result], most: int) -> list[TrackGroup]:
    """Return the groups of one video, with at most ``most`` tracks of persons, faces and speakers each."""
    colours = Colours(results)
    found: list[TrackGroup] = []
    for record, build in _BUILDERS.items():
        sources = [result for result in results if result.record is record]
        for result in sources:
            group = build(result, colours, most)
            found.append(replace(group, origin=result.pipeline) if len(sources) > 1 else group)
    return found


def emotions_of(shown: Iterable[TrackGroup]) -> dict[str, Colour]:
    """Return the emotions that colour any lane of faces, with their colours."""
    seen = {span.colour for group in shown if group.noun == "face" for lane in group.tracks for span in lane.spans}
    return {name: colour for name, colour in EMOTION_COLOURS.items() if colour in seen}


def scene_name(scene: Scene) -> str:
    """Return the number of a scene, and its label if it has one."""
    return " ".join(filter(None, (str(scene.index + 1), scene.label)))


def _scenes(result: Result, _: Colours, __: int) -> TrackGroup:
    scenes = cast("Sequence[Scene]", result.records)
    spans = [Span(each.start, each.end, SCENES[each.index % 2], scene_name(each)) for each in scenes]
    return TrackGroup("scene", "scenes", len(spans), [TimelineTrack("scenes", FAINT, spans)] if spans else [])


def _people(result: Result, colours: Colours, most: int) -> TrackGroup:
    times_by_id: dict[int, array[float]] = {}
    for person in cast("Sequence[PersonObservation]", result.records):
        if person.track_id is not None:
            times_by_id.setdefault(person.track_id, array("d")).append(person.time)
    step = typical_step([time for _, time in result.frames])
    longest = _longest({track: len(times) for track, times in times_by_id.items()}, most)
    tracks = []
    for track in longest:
        colour = colours.person(track)
        spans = [Span(start, end, colour) for start, end in presence(times_by_id[track], step)]
        tracks.append(TimelineTrack(f"person {track}", colour, spans))
    return TrackGroup("person", "people", len(times_by_id), tracks, hidden=len(times_by_id) - len(tracks))


def _faces(result: Result, colours: Colours, most: int) -> TrackGroup:
    seen_by_id: dict[int, tuple[array[float], array[int]]] = {}
    for face in cast("Sequence[FaceObservation]", result.records):
        if face.track_id is not None:
            times, moods = seen_by_id.setdefault(face.track_id, (array("d"), array("b")))
            times.append(face.time)
            moods.append(EMOTIONS.index(face.emotion) if face.emotion else -1)
    step = typical_step([time for _, time in result.frames])
    longest = _longest({track: len(times) for track, (times, _) in seen_by_id.items()}, most)
    tracks = []
    for track in longest:
        own = colours.face(track)
        spans = [
            Span(start, end, own if mood < 0 else EMOTION_COLOURS[EMOTIONS[mood]])
            for start, end, mood in _moods(*seen_by_id[track], step)
        ]
        tracks.append(TimelineTrack(f"face {track}", own, spans))
    return TrackGroup("face", "faces", len(seen_by_id), tracks, hidden=len(seen_by_id) - len(tracks))


def _moods(times: array[float], moods: array[int], step: float) -> Iterator[tuple[float, float, int]]:
    """Yield spans without a gap and with one mood."""
    position = 0
    for start, end in presence(times, step):
        since, mood = start, moods[position]
        while position < len(times) and times[position] < end:
            if moods[position] != mood:
                yield since, times[position], mood
                since, mood = times[position], moods[position]
            position += 1
        yield since, end, mood


def _speakers(result: Result, colours: Colours, most: int) -> TrackGroup:
    voices: dict[str, list[tuple[float, float]]] = {}
    for turn in cast("Sequence[SpeakerTurn]", result.records):
        voices.setdefault(turn.speaker, []).append((turn.start, turn.end))
    longest = _longest({name: sum(end - start for start, end in turns) for name, turns in voices.items()}, most)
    tracks = []
    for name in longest:
        colour = colours.speaker(name)
        tracks.append(TimelineTrack(name, colour, [Span(start, end, colour) for start, end in voices[name]]))
    return TrackGroup("speaker", "speakers", len(voices), tracks, hidden=len(voices) - len(tracks))


def _speech(result: Result, colours: Colours, _: int) -> TrackGroup:
    said = cast("Sequence[Utterance]", result.records)
    captions, words = [], []
    for each in said:
        captions.append(Span(each.start, each.end, colours.speaker(each.speaker), each.text))
        words += [Span(word.start, word.end, colours.speaker(word.speaker), word.text) for word in each.words]
    speech = [Span(each.start, each.end, each.colour) for each in captions]
    tracks = [TimelineTrack("speech", FAINT, speech, apart=True)] if speech else []
    tracks += [TimelineTrack("words", FAINT, words, apart=True)] if words else []
    return TrackGroup("utterance", "utterances", len(speech), tracks, captions=captions)


def _longest(lengths: Mapping[KeyT, float], most: int) -> list[KeyT]:
    """Return the ``most`` longest, in the order of their names."""
    return sorted(sorted(lengths, key=lambda each: (-lengths[each], each))[:most])


_BUILDERS: Mapping[type[Record], Callable[[Result, Colours, int], TrackGroup]] = {
    Scene: _scenes,
    PersonObservation: _people,
    FaceObservation: _faces,
    SpeakerTurn: _speakers,
    Utterance: _speech,
}
"""In the order in which groups stand below each other."""
