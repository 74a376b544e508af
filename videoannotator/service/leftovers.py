"""Something in the storage that may go: what it is, whose it is, and how much room it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What may go, and why."""

    JOB = "job"
    """A job that ended longer ago than it is to be kept."""
    UNUSED_VIDEO = "unused video"
    """A video that no job is left of."""
    STRAY_FILES = "stray files"
    """A directory that no row of the database speaks of."""
    LOST_VIDEO = "lost video"
    """A row of a video whose file is gone."""
    LOST_RESULT = "lost result"
    """A row of a result whose file is gone. Never removed by itself: its owner should know."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing that may go."""

    kind: Kind
    id: str
    """Of the job, the video or the artifact; of stray files, their path below the storage directory."""
    owner: str = ""
    """Empty for stray files."""
    name: str = ""
    """Name of the video's file, or of the result."""
    since: float = 0.0
    """When it ended, was made or was last written, in Unix seconds."""
    size_bytes: int = 0
    """Room that its files take, without a job's video."""


def size_of(path: Path) -> int:
    """Return the bytes of all files below a path; 0 if it is gone."""
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file()) if path.is_dir() else 0
