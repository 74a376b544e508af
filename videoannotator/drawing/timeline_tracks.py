"""What a time line shows: tracks of coloured spans for scenes, persons, faces, speakers and what they say."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from videoannotator.annotations import IntervalRecord, Scene, SpeakerTurn, Utterance
from videoannotator.drawing.colours import EMOTION_COLOURS, FAINT, SCENES, Colours, label_colours
from videoannotator.identity.intervals import presence, typical_step
from videoannotator.record_types import Colour
from videoannotator.record_types.names import resolve
from videoannotator.results.result import NO_TRACK, Result, by_track, by_type

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
    """Stretches in a row, in the order of their starts. ``apart``: each looks different from the next."""

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
    legend: Mapping[str, Colour] = field(default_factory=dict)
    """What the colours of spans stand for, where they do not stand for whose they are."""


def groups(results: Sequence[Result], most: int) -> list[TrackGroup]:
    """Return the groups of one video, with at most ``most`` tracks of persons, faces and speakers each."""
    colours = Colours(results)
    found: list[TrackGroup] = []
    for same in by_type(results, lambda declared: declared.lanes):
        for result in same:
            lanes: Callable[[Result, Colours, int], TrackGroup] = resolve(result.record.record_type.lanes.function)
            group = lanes(result, colours, most)
            found.append(replace(group, origin=result.pipeline) if len(same) > 1 else group)
    return found


def legend_of(shown: Iterable[TrackGroup]) -> dict[str, Colour]:
    """Return the labels that colour any lane, for example emotions, with their colours."""
    explained = [group for group in shown if group.legend]
    seen = {(group.noun, span.colour) for group in explained for track in group.tracks for span in track.spans}
    return {
        label: colour for group in explained for label, colour in group.legend.items() if (group.noun, colour) in seen
    }


def scene_lanes(result: Result, _: Colours, __: int) -> TrackGroup:
    """Return one lane of scenes with their names in it."""
    scenes = cast("Sequence[Scene]", result.records)
    spans = [Span(each.start, each.end, SCENES[each.index % 2], each.name) for each in scenes]
    return TrackGroup("scene", "scenes", len(spans), [TimelineTrack("scenes", FAINT, spans)] if spans else [])


def frame_lanes(result: Result, colours: Colours, most: int) -> TrackGroup:
    """Return a lane for each identity, in the colours of its labels if the type has a label."""
    seen = _sightings(result)
    return _lanes_of(result, seen, label_colours(result.record.record_type, seen.labels), colours, most)


def face_lanes(result: Result, colours: Colours, most: int) -> TrackGroup:
    """Return a lane for each face, in the colours of its emotions."""
    return _lanes_of(result, _sightings(result), EMOTION_COLOURS, colours, most)


@dataclass(frozen=True, slots=True)
class _Sightings:
    """When each identity was seen, and the number of its label at that time: small, for hours of video."""

    by_track: Mapping[int, tuple[array[float], array[int]]]
    labels: Sequence[str]


def _sightings(result: Result) -> _Sightings:
    label = result.record.record_type.label
    found: dict[int, tuple[array[float], array[int]]] = {}
    numbers: dict[str, int] = {}
    for track, seen in by_track(result):
        times, labels = found.setdefault(track, (array("d"), array("i")))
        times.append(seen.time)
        value: str | None = getattr(seen, label) if label else None
        labels.append(_NO_LABEL if value is None else numbers.setdefault(value, len(numbers)))
    return _Sightings(found, tuple(numbers))


_NO_LABEL = -1


def _lanes_of(
    result: Result, seen: _Sightings, legend: Mapping[str, Colour], colours: Colours, most: int
) -> TrackGroup:
    declared = result.record.record_type
    step = typical_step([time for _, time in result.frames])
    tracks = []
    for track in _longest({track: len(times) for track, (times, _) in seen.by_track.items()}, most):
        own = FAINT if track == NO_TRACK else colours.track(result.record, track)
        spans = [
            Span(start, end, own if label == _NO_LABEL else legend[seen.labels[label]])
            for start, end, label in _label_runs(*seen.by_track[track], step)
        ]
        tracks.append(TimelineTrack(declared.plural if track == NO_TRACK else f"{declared.noun} {track}", own, spans))
    count = len(result.records) if NO_TRACK in seen.by_track else len(seen.by_track)
    hidden = len(seen.by_track) - len(tracks)
    return TrackGroup(
        declared.noun, declared.plural, count, tracks, hidden=hidden, legend=legend if seen.labels else {}
    )


def _label_runs(times: array[float], labels: array[int], step: float) -> Iterator[tuple[float, float, int]]:
    """Yield spans without a gap and with one label."""
    position = 0
    for start, end in presence(times, step):
        since, label = start, labels[position]
        while position < len(times) and times[position] < end:
            if labels[position] != label:
                yield since, times[position], label
                since, label = times[position], labels[position]
            position += 1
        yield since, end, label


def interval_lanes(result: Result, colours: Colours, most: int) -> TrackGroup:
    """Return one lane with the label of each interval in it."""
    declared = result.record.record_type
    found = cast("Sequence[IntervalRecord]", result.records)
    labels = [getattr(each, declared.label) if declared.label else None for each in found]
    legend = label_colours(declared, {label for label in labels if label is not None})
    spans = [
        Span(each.start, each.end, FAINT if label is None else legend[label], label or "")
        for each, label in zip(found, labels, strict=True)
    ]
    tracks = [TimelineTrack(declared.plural, FAINT, spans, apart=True)] if spans else []
    return TrackGroup(declared.noun, declared.plural, len(spans), tracks, legend=legend)


def turn_lanes(result: Result, colours: Colours, most: int) -> TrackGroup:
    """Return a lane for each speaker."""
    voices: dict[str, list[tuple[float, float]]] = {}
    for turn in cast("Sequence[SpeakerTurn]", result.records):
        voices.setdefault(turn.speaker, []).append((turn.start, turn.end))
    longest = _longest({name: sum(end - start for start, end in turns) for name, turns in voices.items()}, most)
    tracks = []
    for name in longest:
        colour = colours.speaker(name)
        tracks.append(TimelineTrack(name, colour, [Span(start, end, colour) for start, end in voices[name]]))
    return TrackGroup("speaker", "speakers", len(voices), tracks, hidden=len(voices) - len(tracks))


def utterance_lanes(result: Result, colours: Colours, _: int) -> TrackGroup:
    """Return a lane of utterances and one of words, with the texts as captions."""
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
