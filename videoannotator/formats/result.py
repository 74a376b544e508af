"""What a writer is given: the records of one pipeline, and what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videoannotator.annotations import Record
from videoannotator.formats.album import Album
from videoannotator.media.info import MediaInfo


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
    album: Album
    provenance: Mapping[str, Any]
