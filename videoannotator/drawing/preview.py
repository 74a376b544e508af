"""A contact sheet: what was found, at a glance. One PNG for all pipelines of a job.

A header, a time line, pictures of people with boxes, ids and skeletons, pictures of faces with boxes, ids and emotions,
the first picture of each scene, who speaks for how long, and what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.drawing import canvas
from videoannotator.drawing.colours import FAINT, Colours
from videoannotator.drawing.header import header, stacked
from videoannotator.drawing.text import write as write_text
from videoannotator.drawing.thumbnail_grid import GAP, ThumbnailGrid
from videoannotator.drawing.timeline_chart import chart
from videoannotator.drawing.timeline_tracks import emotions_of, groups
from videoannotator.drawing.transcript import shares, transcript
from videoannotator.media.frame import Image
from videoannotator.results.durable_files import binary_file
from videoannotator.results.result import Result

_WIDTH = 1640
_MARGIN = 28
_INNER = _WIDTH - 2 * _MARGIN
_MOST_LANES = 10


def write(results: Sequence[Result], path: Path) -> None:
    """Write the contact sheet of ``results``, which are all about one video."""
    found = groups(results, _MOST_LANES)
    parts = [header(_INNER, results[0], found)]
    parts.append(chart(_INNER, results[0].info.duration, found, emotions_of(found)))
    colours = Colours(results)
    for title, record in _SECTIONS.items():
        sources = [result for result in results if result.record is record]
        for result in sources:
            origin = result.pipeline if len(sources) > 1 else ""
            parts += _section(title, origin, list(_content(result, colours)))
    with binary_file(path) as file:
        file.write(canvas.png(stacked(_WIDTH, parts, _MARGIN, GAP)))


def _content(result: Result, colours: Colours) -> Iterator[Image]:
    tiles = ThumbnailGrid(_INNER, colours)
    pictures = {PersonObservation: tiles.people, FaceObservation: tiles.faces, Scene: tiles.scenes}
    if (draw := pictures.get(result.record)) is not None:
        if drawn := draw(result):
            yield tiles.grid(drawn)
    elif result.record is SpeakerTurn:
        yield shares(_INNER, result, colours)
    elif result.record is Utterance:
        yield transcript(_INNER, result, colours)


def _section(title: str, origin: str, content: list[Image]) -> list[Image]:
    if not content:
        return []
    line = canvas.blank(_INNER, 34)
    end = write_text(line, title, 0, 24, 20, bold=True)
    write_text(line, origin, end + 12, 24, 15, FAINT)
    return [line, *content]


_SECTIONS: dict[str, type[Record]] = {
    "People": PersonObservation,
    "Faces": FaceObservation,
    "Scenes": Scene,
    "Speakers": SpeakerTurn,
    "Speech": Utterance,
}
