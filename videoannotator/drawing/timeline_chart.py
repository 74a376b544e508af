"""Drawing tracks on a common axis of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from videoannotator.drawing import canvas
from videoannotator.drawing.colours import FAINT, INK, PANEL
from videoannotator.drawing.text import fitted, text_width, write
from videoannotator.drawing.timeline_tracks import Span, TimelineTrack, TrackGroup
from videoannotator.media.frame import Image
from videoannotator.record_types import Colour

_ROW = 22
_BAR = 15
_GAP = 8
_PAD = 14
_LABEL = 14
_MOST_LABEL = 170
_SMALL = 12
_GRID: Colour = (46, 53, 64)
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_TICK_WIDTH = 110
_FAINTEST = 0.45
"""How much of its colour a stretch has at least, however short it is."""
_CAPTION_ROWS = 4
_CAPTION_WIDTH = 90
"""Captions are left out if any of them had to be shorter than this."""


def display_time(seconds: float) -> str:
    """Return a time as a person reads it: 0:03.2 or 1:02:03.2."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    front = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{front}:{rest // 10:02d}.{rest % 10}"


def chart(
    width: int, duration: float, groups: Sequence[TrackGroup], legend: Mapping[str, Colour] | None = None
) -> Image:
    """Return a panel ``width`` pixels wide with the tracks of ``groups``; ``legend`` explains colours below them."""
    labels = [text_width(track.label, _LABEL, bold=True) for group in groups for track in group.tracks]
    left = _PAD + min(max(labels, default=0), _MOST_LABEL) + _PAD
    axis = _Axis(left, width - _PAD, max(duration, 1e-6))
    blocks = [_Block(group, axis) for group in groups if group.tracks]
    height = sum(block.height + _GAP for block in blocks) + _ROW + (_ROW + _GAP if legend else 0) + 2 * _PAD
    image = canvas.blank(width, height, PANEL)
    end = _PAD + sum(block.height + _GAP for block in blocks)
    _ticks(image, axis, end)
    top = _PAD
    for block in blocks:
        block.draw(image, top)
        top += block.height + _GAP
    _legend(image, axis.left, top + _ROW + _GAP, legend or {})
    return image


@dataclass(frozen=True, slots=True)
class _Axis:
    """Turns seconds into pixels."""

    left: int
    right: int
    duration: float

    def x(self, seconds: float) -> float:
        share = min(max(seconds / self.duration, 0), 1)
        return self.left + share * (self.right - self.left)


class _Block:
    """The tracks of a group, what is said about them, and the texts below."""

    def __init__(self, group: TrackGroup, axis: _Axis) -> None:
        self._group = group
        self._axis = axis
        self._captions = _arranged(group.captions, axis)
        remarks = bool(group.origin) + bool(group.hidden)
        rows = max((row for row, *_ in self._captions), default=-1) + 1
        self.height = (remarks + len(group.tracks) + rows) * _ROW

    def draw(self, image: Image, top: int) -> None:
        if self._group.origin:
            write(image, self._group.origin, self._axis.left, top + 15, _SMALL, FAINT)
            top += _ROW
        for track in self._group.tracks:
            self._lane(image, track, top)
            top += _ROW
        if self._group.hidden:
            noun = self._group.noun if self._group.hidden == 1 else self._group.plural
            text = f"and {self._group.hidden} more {noun} for a shorter time"
            write(image, text, self._axis.left, top + 15, _SMALL, FAINT)
            top += _ROW
        for row, x, room, span in self._captions:
            base = top + row * _ROW
            canvas.patch(image, int(x), base + 3, int(x) + 2, base + 3 + _BAR, span.colour)
            write(image, fitted(span.text, int(room) - 14, _SMALL + 1), int(x) + 6, base + 15, _SMALL + 1, INK)

    def _lane(self, image: Image, track: TimelineTrack, top: int) -> None:
        label = fitted(track.label, _MOST_LABEL, _LABEL, bold=True)
        write(image, label, _PAD, top + 15, _LABEL, track.colour, bold=True)
        _paint(image, self._axis, top + 3, track)
        for span, x, room in _label_places(track, self._axis):
            width = text_width(span.text, _SMALL, bold=True)
            write(image, span.text, int(x + (room - width) / 2), top + 15, _SMALL, (0, 0, 0), bold=True)


def _paint(image: Image, axis: _Axis, top: int, track: TimelineTrack) -> None:
    """Give each column of pixels the colour that most of its time has, the fainter the less of it is covered."""
    inks = {colour: number for number, colour in enumerate(dict.fromkeys(span.colour for span in track.spans))}
    if not inks:
        return
    amounts = np.zeros((len(inks), axis.right - axis.left + 1), np.float32)
    for span in track.spans:
        start, end = axis.x(span.start) - axis.left, axis.x(span.end) - axis.left
        end = end - 1 if track.apart and end - start > 3 else max(end, start + 1e-3)
        _cover(amounts[inks[span.colour]], start, end)
    covered = np.minimum(amounts.sum(axis=0), 1)[:, None]
    share = np.where(covered > 0, np.maximum(covered, _FAINTEST), 0)
    colours = np.asarray(list(inks), np.float32)[amounts.argmax(axis=0)]
    area = image[top : top + _BAR, axis.left : axis.right + 1]
    area[:] = np.rint(area * (1 - share) + colours * share).astype(np.uint8)


def _cover(columns: np.ndarray[tuple[int], np.dtype[np.float32]], start: float, end: float) -> None:
    first, last = int(start), int(end)
    if first == last:
        columns[first] += end - start
        return
    columns[first] += first + 1 - start
    columns[first + 1 : last] += 1
    columns[last] += end - last


def _label_places(track: TimelineTrack, axis: _Axis) -> Iterator[tuple[Span, float, float]]:
    """Yield the stretches that their texts fit into, with left edge and width, if that is most of them."""
    written = [span for span in track.spans if span.text]
    fitting = []
    for span in written:
        x, room = axis.x(span.start), axis.x(span.end) - axis.x(span.start)
        if room > _SMALL and text_width(span.text, _SMALL, bold=True) + 4 <= room:
            fitting.append((span, x, room))
    if 2 * len(fitting) > len(written):
        yield from fitting


def _arranged(captions: Sequence[Span], axis: _Axis) -> list[tuple[int, float, float, Span]]:
    """Return row, left edge and width of each caption; nothing if there is no room for all of them."""
    if len(captions) > _CAPTION_ROWS * (axis.right - axis.left) / _CAPTION_WIDTH:
        return []
    places: list[tuple[int, float, Span]] = []
    free = [float("-inf")] * _CAPTION_ROWS
    ends: dict[int, float] = {}
    for number, span in enumerate(captions):
        x = min(axis.x(span.start), axis.right - _CAPTION_WIDTH)
        wanted = x + text_width(span.text, _SMALL + 1) + 14
        row = next((row for row, end in enumerate(free) if end <= x), None)
        if row is None:
            row = min(range(_CAPTION_ROWS), key=lambda each: free[each])
            last = max(index for index, place in enumerate(places) if place[0] == row)
            if x - places[last][1] < _CAPTION_WIDTH:
                return []
            ends[last] = x
        free[row] = wanted
        ends[number] = min(wanted, axis.right)
        places.append((row, x, span))
    return [(row, x, ends[number] - x, span) for number, (row, x, span) in enumerate(places)]


def _ticks(image: Image, axis: _Axis, top: int) -> None:
    most = (axis.right - axis.left) / _TICK_WIDTH
    distance = next((tick for tick in _TICKS if axis.duration / tick <= most), axis.duration)
    for number in range(int(axis.duration / distance) + 1):
        x = int(axis.x(number * distance))
        canvas.patch(image, x, _PAD, x + 1, top, _GRID)
        canvas.patch(image, x, top, x + 1, top + 4, FAINT)
        text = display_time(number * distance)
        text = text[:-2] if distance >= 1 else text
        width = text_width(text, 13)
        write(image, text, min(x - width // 2, axis.right - width), top + 18, 13, FAINT)


def _legend(image: Image, left: int, top: int, legend: Mapping[str, Colour]) -> None:
    for name, colour in legend.items():
        canvas.patch(image, left, top + 4, left + 14, top + 18, colour)
        left = write(image, name, left + 20, top + 16, 14, FAINT) + 22
