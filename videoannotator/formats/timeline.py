"""The time line of a contact sheet: when each scene, each person and each face was there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from videoannotator.annotations import FaceObservation, PersonObservation, Scene
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


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone that one pipeline followed."""

    title: str
    """What one of them is called, for example ``person``."""
    plural: str
    observations: Sequence[PersonObservation] | Sequence[FaceObservation]
    frames: Sequence[tuple[int, float]]
    """Index and time of every frame that was looked at."""
    colour: Callable[[int | None], canvas.Colour]


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
    casts: Sequence[Cast],
) -> Image:
    """Return a panel ``width`` pixels wide: a row of scenes and, for each cast, one for each of its longest tracks."""
    lanes = [_Lanes(cast) for cast in casts]
    rows = bool(scenes) + sum(lane.rows for lane in lanes)
    image = canvas.blank(width, 2 * _PAD + (rows + 1) * _ROW, canvas.PANEL)
    axis = _Axis(_PAD + _LABEL, width - _PAD, max(duration, 1e-6))
    top = _PAD
    if scenes:
        canvas.write(image, "scenes", _PAD, top + 14, 14, canvas.FAINT)
        _scene_row(image, axis, top, scenes)
        top += _ROW
    for lane in lanes:
        lane.draw(image, axis, top)
        top += lane.rows * _ROW
    _ticks(image, axis, top)
    return image


class _Axis:
    """Turns seconds into pixels."""

    def __init__(self, left: int, right: int, duration: float) -> None:
        self.left, self.right, self.duration = left, right, duration

    def x(self, seconds: float) -> float:
        share = min(max(seconds / self.duration, 0), 1)
        return self.left + share * (self.right - self.left)


class _Lanes:
    """A row for each of the longest tracks of a cast, and one that counts the others."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._tracks = _tracks(cast.observations)
        by_length = sorted(self._tracks, key=lambda track: (-len(self._tracks[track]), track))
        self._longest = sorted(by_length[:_MOST_TRACKS])
        self._hidden = len(by_length) - len(self._longest)
        self.rows = len(self._longest) + bool(self._hidden)

    def draw(self, image: Image, axis: _Axis, top: int) -> None:
        step = _step([time for _, time in self._cast.frames])
        for track in self._longest:
            colour = self._cast.colour(track)
            canvas.write(image, f"{self._cast.title} {track}", _PAD, top + 14, 14, colour, bold=True)
            for start, end in _stretches(self._tracks[track], step):
                canvas.bar(image, axis.x(start), axis.x(end), top + 3, _BAR, colour)
            top += _ROW
        if self._hidden:
            text = f"and {self._hidden} more {self._cast.plural} for a shorter time"
            canvas.write(image, text, axis.left, top + 14, 14, canvas.FAINT)


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


def _tracks(observations: Sequence[PersonObservation] | Sequence[FaceObservation]) -> dict[int, list[float]]:
    """Return the times at which each track was seen."""
    tracks: dict[int, list[float]] = defaultdict(list)
    for seen in observations:
        if seen.track_id is not None:
            tracks[seen.track_id].append(seen.time)
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
