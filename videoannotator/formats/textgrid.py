"""TextGrid, the files of Praat (praat.org): tiers beside the audio that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videoannotator.formats.tiers import tiers
from videoannotator.results.durable_files import flush_file
from videoannotator.results.result import Result

_SHORTEST = 0.001
"""Seconds: Praat wants some time between the start and the end of a file."""


def write(results: Sequence[Result], path: Path) -> None:
    """Write the tiers of ``results``, which are all about one video; what lies between their intervals is empty."""
    from praatio.data_classes.interval_tier import IntervalTier
    from praatio.data_classes.textgrid import Textgrid

    found = tiers(results)
    ends = [tier.intervals[-1].end / 1000 for tier in found if tier.intervals]
    end = max(round(results[0].info.duration, 3), _SHORTEST, *ends)
    grid = Textgrid(0.0, end)
    for tier in found:
        entries = [(each.start / 1000, each.end / 1000, each.label) for each in tier.intervals]
        grid.addTier(IntervalTier(tier.name, entries, 0.0, end))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True)
    flush_file(path)
