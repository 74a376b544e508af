"""What a writer is given: the records of one pipeline, and what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from videoannotator.annotations import Record
from videoannotator.identity.links import Link
from videoannotator.media.info import MediaInfo

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
