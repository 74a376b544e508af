"""A contact sheet: what was found, at a glance. One PNG for all pipelines of a job.

A header, a time line, pictures of people with boxes, ids and skeletons, pictures of faces with boxes, ids and emotions,
the first picture of each scene, who speaks for how long, what is said, and pictures of what else was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from videoannotator.drawing import canvas
from videoannotator.drawing.colours import FAINT, Colours
from videoannotator.drawing.header import header, stacked
from videoannotator.drawing.text import write as write_text
from videoannotator.drawing.thumbnail_grid import GAP, ThumbnailGrid
from videoannotator.drawing.timeline_chart import chart
from videoannotator.drawing.timeline_tracks import groups, legend_of
from videoannotator.drawing.transcript import shares, transcript
from videoannotator.media.frame import Image
from videoannotator.record_types import RecordType
from videoannotator.record_types.names import resolve
from videoannotator.results.durable_files import binary_file
from videoannotator.results.result import Result, by_type

_WIDTH = 1640
_MARGIN = 28
_INNER = _WIDTH - 2 * _MARGIN
_MOST_LANES = 10


def write(results: Sequence[Result], path: Path) -> None:
    """Write the contact sheet of ``results``, which are all about one video."""
    found = groups(results, _MOST_LANES)
    parts = [header(_INNER, results[0], found)]
    parts.append(chart(_INNER, results[0].info.duration, found, legend_of(found)))
    colours = Colours(results)
    for same in by_type(results, lambda declared: declared.section):
        for result in same:
            declared = result.record.record_type
            origin = result.pipeline if len(same) > 1 else ""
            parts += _section(declared.heading, origin, list(_drawer(declared)(result, colours)))
    with binary_file(path) as file:
        file.write(canvas.png(stacked(_WIDTH, parts, _MARGIN, GAP)))


def frame_section(result: Result, colours: Colours) -> Iterator[Image]:
    """Yield pictures from all over the video with what was seen in them."""
    tiles = ThumbnailGrid(_INNER, colours)
    if drawn := tiles.marked(result):
        yield tiles.grid(drawn)


def scene_section(result: Result, colours: Colours) -> Iterator[Image]:
    """Yield the first picture of each scene."""
    tiles = ThumbnailGrid(_INNER, colours)
    if drawn := tiles.scenes(result):
        yield tiles.grid(drawn)


def turn_section(result: Result, colours: Colours) -> Iterator[Image]:
    """Yield who speaks for how long."""
    yield shares(_INNER, result, colours)


def utterance_section(result: Result, colours: Colours) -> Iterator[Image]:
    """Yield what is said."""
    yield transcript(_INNER, result, colours)


def _drawer(declared: RecordType) -> Callable[[Result, Colours], Iterator[Image]]:
    drawer: Callable[[Result, Colours], Iterator[Image]] = resolve(
        declared.section.function if declared.section else ""
    )
    return drawer


def _section(title: str, origin: str, content: list[Image]) -> list[Image]:
    if not content:
        return []
    line = canvas.blank(_INNER, 34)
    end = write_text(line, title, 0, 24, 20, bold=True)
    write_text(line, origin, end + 12, 24, 15, FAINT)
    return [line, *content]
