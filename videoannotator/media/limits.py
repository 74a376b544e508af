"""How large media may be, light enough for a process that decodes nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The largest media that is accepted: length in seconds, pixels of one frame, and streams in one file."""

    max_duration: float = 12 * 3600.0
    max_pixels: int = 8192 * 4320
    max_streams: int = 16
