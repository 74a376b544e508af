"""What ties one identity to another, and what identities are called in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rule = Literal["face_inside_person", "only_one_visible_while_speaking"]


@dataclass(frozen=True, slots=True)
class Link:
    """To whom a face or a speaker belongs. At least one of ``person`` and ``face`` is set."""

    person: int | None
    """Track id of a person."""
    face: int | None
    """Track id of a face; None if ``person`` has several, or none."""
    confidence: float
    """0..1; what it measures depends on the rule."""
    rule: Rule


def track_name(kind: str, track_id: int) -> str:
    """Return what an identity is called in files, for example ``gaze_003``."""
    return f"{kind}_{track_id:03d}"


def person_name(track_id: int) -> str:
    """Return what a person is called in files, for example ``person_003``."""
    return track_name("person", track_id)


def face_name(track_id: int) -> str:
    """Return what a face is called in files, for example ``face_003``."""
    return track_name("face", track_id)
