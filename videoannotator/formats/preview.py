"""A contact sheet: what was found, at a glance. One PNG for all pipelines of a job.

A header, a time line of scenes, people and faces, pictures of people with boxes, ids and skeletons, pictures of faces
with boxes, ids and emotions, and the first picture of each scene.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation, Record, Scene
from videoannotator.formats import canvas
from videoannotator.formats.album import PICTURE_HEIGHT, PICTURE_WIDTH, Picture
from videoannotator.formats.files import binary_file
from videoannotator.formats.result import Result
from videoannotator.formats.timeline import Cast, clock, timeline
from videoannotator.media.frame import Image

_WIDTH = 1640
_MARGIN = 28
_GAP = 12
_TILES = 12
_CAPTION = 26


def write(results: Sequence[Result], path: Path) -> None:
    """Write the contact sheet of ``results``, which are all about one video."""
    people, faces, scenes = (_about(results, record) for record in (PersonObservation, FaceObservation, Scene))
    found = cast("Sequence[Scene]", scenes.records) if scenes else ()
    parts = [_header(results[0], people, faces, scenes)]
    parts.append(timeline(_WIDTH - 2 * _MARGIN, results[0].info.duration, found, _casts(people, faces)))
    if people:
        parts += _section("People", _tiles(people, _people_tile))
    if faces:
        parts += _section("Faces", _tiles(faces, _faces_tile))
    if scenes:
        parts += _section("Scenes", _scene_tiles(scenes, found))
    with binary_file(path) as file:
        file.write(canvas.png(_stack(parts)))


def _about(results: Sequence[Result], record: type[Record]) -> Result | None:
    return next((result for result in results if result.record is record), None)


def _casts(people: Result | None, faces: Result | None) -> list[Cast]:
    casts = []
    if people:
        seen = cast("Sequence[PersonObservation]", people.records)
        casts.append(Cast("person", "people", seen, people.frames, canvas.track_colour))
    if faces:
        shown = cast("Sequence[FaceObservation]", faces.records)
        casts.append(Cast("face", "faces", shown, faces.frames, canvas.face_colour))
    return casts


def _header(result: Result, people: Result | None, faces: Result | None, scenes: Result | None) -> Image:
    image = canvas.blank(_WIDTH - 2 * _MARGIN, 62)
    canvas.write(image, result.video, 0, 30, 30, bold=True)
    info = result.info
    facts = [clock(info.duration), f"{info.width}×{info.height}"]
    facts += [f"{info.frame_rate:.4g} frames/s"] if info.frame_rate else []
    for group in _casts(people, faces):
        tracks = {seen.track_id for seen in group.observations} - {None}
        facts.append(_counted(len(tracks), group.title, group.plural))
    if scenes:
        facts.append(_counted(len(scenes.records), "scene", "scenes"))
    canvas.write(image, "   ·   ".join(facts), 0, 56, 17, canvas.FAINT)
    return image


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _section(title: str, tiles: list[Image]) -> list[Image]:
    if not tiles:
        return []
    heading = canvas.blank(_WIDTH - 2 * _MARGIN, 34)
    canvas.write(heading, title, 0, 24, 20, bold=True)
    return [heading, _grid(tiles)]


def _tiles(result: Result, draw: Callable[[Picture, list[Any]], Image]) -> list[Image]:
    """Return pictures from all over the video, each with what was found in it."""
    pictured = {picture.index for picture in result.album.pictures}
    by_frame: dict[int, list[Any]] = defaultdict(list)
    # Only what can be shown: all the records of hours of video would not fit into memory.
    for seen in cast("Sequence[PersonObservation | FaceObservation]", result.records):
        if seen.frame in pictured:
            by_frame[seen.frame].append(seen)
    chosen = _spread(result.album.pictures, lambda picture: len(by_frame.get(picture.index, ())))
    return [draw(picture, by_frame.get(picture.index, [])) for picture in chosen]


def _spread(pictures: Sequence[Picture], worth: Callable[[Picture], int]) -> list[Picture]:
    """Return up to twelve pictures: the first of the most worth from each twelfth of them."""
    count = min(_TILES, len(pictures))
    edges = [round(part * len(pictures) / count) for part in range(count + 1)] if count else []
    return [max(pictures[start:end], key=worth) for start, end in pairwise(edges)]


def _people_tile(picture: Picture, people: Sequence[PersonObservation]) -> Image:
    image, scale = _enlarged(picture)
    # The least certain first, so that the most certain end up on top.
    for draw in (_draw_person, _draw_name):
        for person in reversed(people):
            draw(image, person, scale)
    return _captioned(image, clock(picture.time), _counted(len(people), "person", "people"))


def _draw_person(image: Image, person: PersonObservation, scale: float) -> None:
    colour = canvas.track_colour(person.track_id)
    weight = _weight(person.box, scale)
    canvas.skeleton(image, person.keypoints, scale, colour, weight)
    _draw_box(image, person.box, scale, colour, weight)


def _draw_name(image: Image, person: PersonObservation, scale: float) -> None:
    _draw_label(image, person.box, scale, _number(person.track_id), canvas.track_colour(person.track_id))


def _faces_tile(picture: Picture, faces: Sequence[FaceObservation]) -> Image:
    image, scale = _enlarged(picture)
    for draw in (_draw_face, _draw_emotion):
        for face in reversed(faces):
            draw(image, face, scale)
    return _captioned(image, clock(picture.time), _counted(len(faces), "face", "faces"))


def _draw_face(image: Image, face: FaceObservation, scale: float) -> None:
    _draw_box(image, face.box, scale, canvas.face_colour(face.track_id), _weight(face.box, scale))


def _draw_emotion(image: Image, face: FaceObservation, scale: float) -> None:
    name = " ".join(filter(None, (_number(face.track_id), face.emotion)))
    _draw_label(image, face.box, scale, name, canvas.face_colour(face.track_id))


def _number(track_id: int | None) -> str:
    return "?" if track_id is None else f"{track_id}"


def _draw_box(image: Image, box: BoundingBox, scale: float, colour: canvas.Colour, weight: float) -> None:
    start, end = (box.x, box.y), (box.x + box.width, box.y + box.height)
    canvas.frame_box(image, (start[0] * scale, start[1] * scale), (end[0] * scale, end[1] * scale), colour, weight)


def _draw_label(image: Image, box: BoundingBox, scale: float, text: str, colour: canvas.Colour) -> None:
    size = round(9 + 4 * _weight(box, scale))
    left, top = int(box.x * scale) - 1, int(box.y * scale) - size - size // 2 - 1
    canvas.pill(image, text, left, top, colour, (0, 0, 0), size)


def _weight(box: BoundingBox, scale: float) -> float:
    """Return how boldly to draw a box: 1 when large on the sheet, less when far away."""
    return float(np.clip(box.height * scale / 120, 0.35, 1.0))


def _scene_tiles(result: Result, scenes: Sequence[Scene]) -> list[Image]:
    chosen = _spread_scenes(scenes)
    tiles = []
    for scene in chosen:
        inside = [picture for picture in result.album.pictures if scene.start_frame <= picture.index < scene.end_frame]
        if inside:
            image, _ = _enlarged(inside[0])
            left = f"{scene.index + 1}    {clock(scene.start)} – {clock(scene.end)}"
            tiles.append(_captioned(image, left, f"{scene.end - scene.start:.1f} s"))
    return tiles


def _spread_scenes(scenes: Sequence[Scene]) -> list[Scene]:
    if len(scenes) <= _TILES:
        return list(scenes)
    return [scenes[round(part * (len(scenes) - 1) / (_TILES - 1))] for part in range(_TILES)]


def _columns(width: int) -> int:
    """Return how many tiles of about ``width`` stand side by side."""
    return max(1, round((_WIDTH - 2 * _MARGIN + _GAP) / (min(width, 400) + _GAP)))


def _enlarged(picture: Picture) -> tuple[Image, float]:
    """Return the picture at the size of a tile, and its pixels per pixel of the frame."""
    height, width = picture.image.shape[:2]
    full = PICTURE_WIDTH if width >= height else round(PICTURE_HEIGHT * width / height)
    tile = (_WIDTH - 2 * _MARGIN + _GAP) // _columns(full) - _GAP
    factor = tile / width
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = cv2.resize(picture.image, (tile, max(1, round(height * factor))), interpolation=method)
    return np.asarray(image, np.uint8), picture.scale * factor


def _captioned(image: Image, left: str, right: str) -> Image:
    strip = canvas.blank(image.shape[1], _CAPTION, canvas.PANEL)
    canvas.write(strip, left, 8, 18, 14, bold=True)
    canvas.write(strip, right, strip.shape[1] - 8 - canvas.text_width(right, 14), 18, 14, canvas.FAINT)
    return np.vstack([image, strip])


def _grid(tiles: list[Image]) -> Image:
    columns = min(len(tiles), _columns(tiles[0].shape[1]))
    height, width = (max(tile.shape[side] for tile in tiles) for side in (0, 1))
    rows = -(-len(tiles) // columns)
    sheet = canvas.blank(columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP)
    for number, tile in enumerate(tiles):
        top, left = (number // columns) * (height + _GAP), (number % columns) * (width + _GAP)
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet


def _stack(parts: Sequence[Image]) -> Image:
    height = sum(part.shape[0] + _GAP for part in parts) - _GAP + 2 * _MARGIN
    sheet = canvas.blank(_WIDTH, height)
    top = _MARGIN
    for part in parts:
        sheet[top : top + part.shape[0], _MARGIN : _MARGIN + part.shape[1]] = part
        top += part.shape[0] + _GAP
    return sheet
