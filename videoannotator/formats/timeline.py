"""The time line of a contact sheet: when each scene and each person was there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from videoannotator.annotations import PersonObservation, Scene
from videoannotator.formats import canvas
from videoannotator.media.frame import Image

_ROW = 20
_BAR = 12
_LABEL = 96
_MOST_TRACKS = 10
_PAD = 14
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MOST_TICKS = 12
_PATIENCE = 2.5
"""Gaps in a track of more sampled frames than this are shown."""


def clock(seconds: float) -> str:
    """Return a time as a person reads it: 0:03.2 or 1:02:03.2."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    front = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{front}:{rest // 10:02d}.{rest % 10}"


def timeline(
    width: int,
    duration: float,
    scenes: Sequence[Scene],
    people: Sequence[PersonObservation],
    frames: Sequence[tuple[int, float]],
) -> Image:
    """Return a panel ``width`` pixels wide with a row of scenes and a row for each of the longest tracks.

    ``frames``: index and time of every frame in which people were looked for.
    """
    tracks = _tracks(people)
    longest = sorted(sorted(tracks, key=lambda track: (-len(tracks[track]), track))[:_MOST_TRACKS])
    rows = bool(scenes) + len(longest)
    hidden = len(tracks) - len(longest)
    image = canvas.blank(width, 2 * _PAD + rows * _ROW + _ROW + (_ROW if hidden else 0), canvas.PANEL)
    axis = _Axis(_PAD + _LABEL, width - _PAD, max(duration, 1e-6))
    top = _PAD
    if scenes:
        canvas.write(image, "scenes", _PAD, top + 14, 14, canvas.FAINT)
        _scene_row(image, axis, top, scenes)
        top += _ROW
    step = _step([time for _, time in frames])
    for track in longest:
        colour = canvas.track_colour(track)
        canvas.write(image, f"person {track}", _PAD, top + 14, 14, colour, bold=True)
        for start, end in _stretches(tracks[track], step):
            canvas.bar(image, axis.x(start), axis.x(end), top + 3, _BAR, colour)
        top += _ROW
    if hidden:
        canvas.write(image, f"and {hidden} shorter tracks", axis.left, top + 14, 14, canvas.FAINT)
        top += _ROW
    _ticks(image, axis, top)
    return image


class _Axis:
    """Turns seconds into pixels."""

    def __init__(self, left: int, right: int, duration: float) -> None:
        self.left, self.right, self.duration = left, right, duration

    def x(self, seconds: float) -> float:
        share = min(max(seconds / self.duration, 0), 1)
        return self.left + share * (self.right - self.left)


def _scene_row(image: Image, axis: _Axis, top: int, scenes: Sequence[Scene]) -> None:
    shades: tuple[canvas.Colour, canvas.Colour] = ((96, 108, 130), (140, 153, 176))
    for scene in scenes:
        left, right = axis.x(scene.start), axis.x(scene.end)
        canvas.bar(image, left, right, top + 3, _BAR, shades[scene.index % 2])


def _ticks(image: Image, axis: _Axis, top: int) -> None:
    distance = next((tick for tick in _TICKS if axis.duration / tick <= _MOST_TICKS), axis.duration)
    for number in range(int(axis.duration / distance) + 1):
        x = int(axis.x(number * distance))
        canvas.bar(image, x, x + 1, top + 1, 4, canvas.FAINT)
        text = clock(number * distance)
        text = text[:-2] if distance >= 1 else text
        x = min(x - canvas.text_width(text, 13) // 2, axis.right - canvas.text_width(text, 13))
        canvas.write(image, text, x, top + 18, 13, canvas.FAINT)


def _tracks(people: Sequence[PersonObservation]) -> dict[int, list[float]]:
    """Return the times at which each track was seen."""
    tracks: dict[int, list[float]] = defaultdict(list)
    for person in people:
        if person.track_id is not None:
            tracks[person.track_id].append(person.time)
    return tracks


def _step(times: Sequence[float]) -> float:
    return float(np.median(np.diff(times))) if len(times) > 1 else 0.0


def _stretches(times: Sequence[float], step: float) -> list[tuple[float, float]]:
    """Return start and end of each stretch without a gap; a sighting lasts until the next frame."""
    stretches: list[tuple[float, float]] = []
    for time in times:
        if stretches and time - stretches[-1][1] <= (_PATIENCE - 1) * step:
            stretches[-1] = (stretches[-1][0], time + step)
        else:
            stretches.append((time, time + step))
    return stretches
