"""The top of a picture about a video: its name, and what was found in it in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from videoannotator.drawing import canvas
from videoannotator.drawing.colours import FAINT
from videoannotator.drawing.text import fitted, write
from videoannotator.drawing.timeline_chart import display_time
from videoannotator.drawing.timeline_tracks import TrackGroup
from videoannotator.media.frame import Image
from videoannotator.results.result import Result


def header(width: int, result: Result, groups: Sequence[TrackGroup]) -> Image:
    """Return the header. ``result``: any of the video's."""
    image = canvas.blank(width, 62)
    write(image, fitted(result.video, width, 30, bold=True), 0, 30, 30, bold=True)
    info = result.info
    facts = [display_time(info.duration)]
    facts += [f"{info.width}×{info.height}"] if info.has_video else []
    facts += [f"{info.frame_rate:.4g} frames/s"] if info.has_video and info.frame_rate else []
    # Two pipelines may have found the same.
    facts += dict.fromkeys(counted(group.count, group.noun, group.plural) for group in groups)
    write(image, fitted("   ·   ".join(facts), width, 17), 0, 56, 17, FAINT)
    return image


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 person`` or ``2 people``."""
    return f"{number} {one if number == 1 else many}"


def stacked(width: int, parts: Sequence[Image], margin: int, gap: int) -> Image:
    """Return ``parts`` below each other on a sheet that is ``width`` pixels wide."""
    sheet = canvas.blank(width, sum(part.shape[0] + gap for part in parts) - gap + 2 * margin)
    top = margin
    for part in parts:
        sheet[top : top + part.shape[0], margin : margin + part.shape[1]] = part
        top += part.shape[0] + gap
    return sheet
