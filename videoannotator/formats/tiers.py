"""Everything that happens in a video as tiers of labelled intervals: what ELAN and Praat show.

Neither of them allows intervals of one tier to overlap, so each person, face and speaker has tiers of its own, and what
overlaps nevertheless goes to a second tier of the same name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby
from operator import itemgetter
from typing import cast

from videoannotator.annotations import IntervalRecord, Scene, SpeakerTurn, Utterance
from videoannotator.formats.text_utils import one_line, whole_milliseconds
from videoannotator.identity.intervals import presence, typical_step
from videoannotator.identity.links import track_name
from videoannotator.record_types import FrameType
from videoannotator.record_types.names import resolve
from videoannotator.results.result import NO_TRACK, Result, by_track, by_type


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
    """Whom it is about, for example ``person_001``; empty if it is not about one identity."""


Drafts = Iterable[tuple[str, str, Sequence[Interval]]]
"""Name, participant and intervals of tiers that may still overlap."""


def tiers(results: Sequence[Result]) -> list[Tier]:
    """Return the tiers of one video: scenes, persons, faces and their emotions, utterances, words, speakers, others.

    Every result has at least one tier, which is empty if nothing was found. No name occurs twice.
    """
    found: list[Tier] = []
    for same in by_type(results, lambda declared: declared.tiers):
        for result in same:
            origin = f" ({result.pipeline})" if len(same) > 1 else ""
            drafts: Callable[[Result], Drafts] = resolve(result.record.record_type.tiers.function)
            for name, participant, intervals in drafts(result):
                found += _without_overlap(one_line(f"{name}{origin}"), one_line(participant), intervals)
    return list(_distinct(found))


def frame_tiers(result: Result) -> Drafts:
    """Yield when each identity is seen, and what its label says for how long; one tier for all without identities."""
    declared = cast("FrameType", result.record.record_type)
    step = typical_step([time for _, time in result.frames])
    times: dict[int, list[float]] = defaultdict(list)
    labels: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for track, seen in by_track(result):
        times[track].append(seen.time)
        if declared.label and (label := getattr(seen, declared.label)) is not None:
            labels[track].append((label, seen.time))
    if not times:
        yield declared.presence or declared.plural, "", ()
    names = {track: declared.plural if track == NO_TRACK else track_name(declared.identity, track) for track in times}
    for track in sorted(times):
        yield names[track], _participant(names, track), _shown(presence(times[track], step), names[track])
    for track in sorted(labels):
        yield f"{names[track]} {declared.label}", _participant(names, track), _runs(labels[track], step)


def _participant(names: Mapping[int, str], track: int) -> str:
    return "" if track == NO_TRACK else names[track]


def _runs(labels: Sequence[tuple[str, float]], step: float) -> list[Interval]:
    """Return a span for each run of the same label; it ends where the next one begins."""
    found: list[Interval] = []
    for label, run in groupby(labels, key=itemgetter(0)):
        for interval in _shown(presence([time for _, time in run], step), label):
            if found and found[-1].end > interval.start:
                found[-1] = Interval(found[-1].start, interval.start, found[-1].label)
            found.append(interval)
    return [interval for interval in found if interval.end > interval.start]


def _shown(when: Sequence[tuple[float, float]], label: str) -> list[Interval]:
    return [_interval(start, end, label) for start, end in when]


def interval_tiers(result: Result) -> Drafts:
    """Yield a tier of labels, or one for each speaker if there are speakers."""
    declared = result.record.record_type
    found = cast("Sequence[IntervalRecord]", result.records)
    entries = ((getattr(each, "speaker", None), each.start, each.end, _label(each)) for each in found)
    yield from _by_speaker(declared.plural, entries)


def _label(record: IntervalRecord) -> str:
    declared = record.record_type
    return (getattr(record, declared.label) if declared.label else None) or declared.noun


def scene_tiers(result: Result) -> Drafts:
    """Yield one tier of scenes with their numbers and labels."""
    scenes = cast("Sequence[Scene]", result.records)
    names = (f"scene {scene.index + 1}" + (f": {scene.label}" if scene.label else "") for scene in scenes)
    yield "scenes", "", [_interval(scene.start, scene.end, name) for scene, name in zip(scenes, names, strict=True)]


def utterance_tiers(result: Result) -> Drafts:
    """Yield what each speaker says: utterances, and words if their times are known."""
    said = cast("Sequence[Utterance]", result.records)
    yield from _by_speaker("utterances", ((each.speaker, each.start, each.end, each.text) for each in said))
    words = [word for each in said for word in each.words]
    if words:
        yield from _by_speaker("words", ((word.speaker, word.start, word.end, word.text) for word in words))


def turn_tiers(result: Result) -> Drafts:
    """Yield when each speaker speaks."""
    turns = cast("Sequence[SpeakerTurn]", result.records)
    yield from _by_speaker("speaker", ((turn.speaker, turn.start, turn.end, turn.speaker) for turn in turns))


def _by_speaker(name: str, entries: Iterable[tuple[str | None, float, float, str]]) -> Drafts:
    """Yield a tier for each speaker, in the order of their names; unknown speakers come first."""
    spoken: dict[str, list[Interval]] = defaultdict(list)
    for speaker, start, end, text in entries:
        spoken[speaker or ""].append(_interval(start, end, text))
    for speaker in sorted(spoken) or [""]:
        yield f"{name} {speaker}".strip(), speaker, spoken[speaker]


def _interval(start: float, end: float, label: str) -> Interval:
    return Interval(*whole_milliseconds(start, end), one_line(label))


def _without_overlap(name: str, participant: str, intervals: Sequence[Interval]) -> Iterator[Tier]:
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
