"""The time line: one PNG of who is there, who feels what, who speaks and what is said, from start to end of a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videoannotator.drawing import canvas
from videoannotator.drawing.header import header, stacked
from videoannotator.drawing.timeline_chart import chart
from videoannotator.drawing.timeline_tracks import groups, legend_of
from videoannotator.results.durable_files import binary_file
from videoannotator.results.result import Result

WIDTH, MOST_WIDTH = 1640, 2460
"""Pixels; a long video has a wide time line."""

_PIXELS_PER_SECOND = 1
_MOST_LANES = 20
_MARGIN = 28
_GAP = 12


def write(results: Sequence[Result], path: Path) -> None:
    """Write the time line of ``results``, which are all about one video."""
    duration = results[0].info.duration
    width = round(min(max(duration * _PIXELS_PER_SECOND, WIDTH), MOST_WIDTH))
    found = groups(results, _MOST_LANES)
    inner = width - 2 * _MARGIN
    parts = [header(inner, results[0], found), chart(inner, duration, found, legend_of(found))]
    with binary_file(path) as file:
        file.write(canvas.png(stacked(width, parts, _MARGIN, _GAP)))
