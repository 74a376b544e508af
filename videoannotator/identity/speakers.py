"""Which speaker is who: only where the video leaves no choice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from videoannotator.identity.intervals import Intervals, common

WhoT = TypeVar("WhoT", bound=Hashable)

NEARLY_ALL = 0.9
"""Part of the speaker's time for which the one who speaks must be visible."""
HARDLY_ANY = 0.1
"""Part of anyone's speaking time for which a wrong combination may be visible."""
LEAST_SPEECH = 1.0
"""Seconds; a speaker who says less than this is not linked."""


def link_speakers(speech: Mapping[str, Intervals], visible: Mapping[WhoT, Intervals]) -> dict[str, tuple[WhoT, float]]:
    """Return who each speaker is, and how sure that is: the part of the speaker's time less what speaks against it.

    A speaker is linked to an identity that is visible for nearly all of the time in which the speaker speaks, if all
    others are visible for hardly any of it, and if this one is visible for hardly any of the time of every other
    speaker. A camera that shows one person all the time therefore links no person to two voices.
    """
    shares = {
        speaker: {who: _visible_part(spoken, seen) for who, seen in visible.items()}
        for speaker, spoken in speech.items()
        if _length(spoken) > 0
    }
    links: dict[str, tuple[WhoT, float]] = {}
    for speaker, of_all in shares.items():
        candidates = [who for who, share in of_all.items() if share >= NEARLY_ALL]
        if len(candidates) != 1 or _length(speech[speaker]) < LEAST_SPEECH:
            continue
        [who] = candidates
        others = [share for rival, share in of_all.items() if rival != who]
        elsewhere = [of_other[who] for other, of_other in shares.items() if other != speaker]
        against = max([*others, *elsewhere], default=0.0)
        if against <= HARDLY_ANY:
            links[speaker] = (who, max(0.0, of_all[who] - against))
    return links


def _visible_part(spoken: Intervals, seen: Intervals) -> float:
    return min(1.0, common(spoken, seen) / _length(spoken))


def _length(intervals: Intervals) -> float:
    return sum(end - start for start, end in intervals)
