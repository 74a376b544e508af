"""Turns in order, under the names that results use."""

from __future__ import annotations

from collections.abc import Iterable

from videoannotator.annotations import SpeakerTurn

Stretch = tuple[float, float, str]
"""Start and end in seconds, and any name for the voice."""


def turns_of(stretches: Iterable[Stretch], duration: float, shortest: float) -> list[SpeakerTurn]:
    """Return the turns within the first ``duration`` seconds in order; the first speaker is ``SPEAKER_00``.

    What is shorter than ``shortest`` seconds is left out.
    """
    within = sorted((max(0.0, start), min(end, duration), voice) for start, end, voice in stretches)
    lasting = [(start, end, voice) for start, end, voice in within if end - start >= shortest and end > start]
    voices = list(dict.fromkeys(voice for _, _, voice in lasting))
    return [
        SpeakerTurn(index, start, end, f"SPEAKER_{voices.index(voice):02d}")
        for index, (start, end, voice) in enumerate(lasting)
    ]
