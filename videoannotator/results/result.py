"""What a writer is given: the records of one pipeline, and what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from videoannotator.annotations import FrameRecord, Record
from videoannotator.identity.links import Link
from videoannotator.media.info import MediaInfo
from videoannotator.record_types import Handler, RecordType
from videoannotator.record_types.fields import has_field

if TYPE_CHECKING:
    from videoannotator.results.thumbnails import Thumbnail


class ThumbnailSource(Protocol):
    """Small pictures of some of the frames: a `Thumbnails`, or none."""

    @property
    def pictures(self) -> Sequence[Thumbnail]:
        """Every picture, in the order of their times."""


@dataclass(frozen=True, slots=True)
class NoThumbnails:
    """The thumbnails of records that were read from a file."""

    pictures: Sequence[Thumbnail] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What one pipeline found in one video."""

    video: str
    """Name of the video in ids, for example ``clip``."""
    info: MediaInfo
    pipeline: str
    """The pipeline's canonical name."""
    record: type[Record]
    """The type of all ``records``: there may be none."""
    records: Sequence[Record]
    frames: Sequence[tuple[int, float]]
    """Index and time in seconds of every frame that was looked at, whether or not something was found in it."""
    thumbnails: ThumbnailSource
    provenance: Mapping[str, Any]
    links: Mapping[int, Link] = field(default_factory=dict)
    """The person that each linked face belongs to, by the face's track id."""
    voices: Mapping[str, Link] = field(default_factory=dict)
    """Who each linked speaker is, by the speaker's name."""


def by_type(results: Sequence[Result], handler: Callable[[RecordType], Handler | None]) -> list[list[Result]]:
    """Return the results of each type of record together, in the order of the types' handlers.

    Types without a handler are left out.
    """
    same: dict[tuple[int, str], list[Result]] = {}
    for result in results:
        declared = result.record.record_type
        if (found := handler(declared)) is not None:
            same.setdefault((found.order, declared.name), []).append(result)
    return [same[place] for place in sorted(same)]


NO_TRACK = -1
"""Stands for the track id of records whose class has none."""


def by_track(result: Result) -> Iterator[tuple[int, FrameRecord]]:
    """Yield what was seen in frames with its track id; what has no identity only if its class knows none."""
    tracked = has_field(result.record, "track_id")
    for seen in cast("Sequence[FrameRecord]", result.records):
        track = getattr(seen, "track_id") if tracked else NO_TRACK  # noqa: B009 - not every class has it
        if track is not None:
            yield track, seen
