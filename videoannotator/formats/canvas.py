"""Drawing on a picture: text, pills, boxes and skeletons. Colours are RGB, lengths are pixels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np

from videoannotator.annotations import COCO_SKELETON, Keypoint
from videoannotator.media.frame import Image

Colour = tuple[int, int, int]

INK: Colour = (236, 239, 244)
FAINT: Colour = (148, 158, 174)
PAPER: Colour = (19, 22, 28)
PANEL: Colour = (33, 38, 47)
UNKNOWN: Colour = (165, 172, 184)

_PALETTE: tuple[Colour, ...] = (
    (64, 169, 255), (255, 140, 66), (92, 214, 123), (255, 99, 132), (186, 131, 255), (255, 209, 71),
    (54, 211, 203), (255, 130, 208), (172, 206, 74), (120, 144, 255), (233, 161, 111), (117, 221, 255),
)  # fmt: skip
_SHIFT = 3
_ONE = 1 << _SHIFT


def track_colour(track_id: int | None) -> Colour:
    """Return the colour of a track: the same in every picture, grey for a person without identity."""
    return UNKNOWN if track_id is None else _PALETTE[(track_id - 1) % len(_PALETTE)]


def face_colour(track_id: int | None) -> Colour:
    """Return the colour of a face: not that of the person of the same number, who may be somebody else."""
    return UNKNOWN if track_id is None else track_colour(track_id + len(_PALETTE) // 2)


def blank(width: int, height: int, colour: Colour = PAPER) -> Image:
    """Return a picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def text_width(text: str, size: int, bold: bool = False) -> int:
    """Return how wide `write` would make ``text``."""
    return int(cv2.putText(blank(1, 1), text, (0, 0), INK, _font(), size, _weight(bold))[0][0])


def write(image: Image, text: str, x: int, baseline: int, size: int, colour: Colour = INK, bold: bool = False) -> int:
    """Write ``text`` and return where it ends."""
    end, _ = cv2.putText(image, text, (x, baseline), colour, _font(), size, _weight(bold))
    return int(end[0])


def pill(image: Image, text: str, x: int, top: int, colour: Colour, ink: Colour, size: int = 13) -> None:
    """Write ``text`` on a patch of ``colour``, moved as far as needed to stay within ``image``."""
    edge = size // 2
    width, height = text_width(text, size, bold=True) + 2 * edge, size + edge + 2
    x = min(max(x, 0), max(0, image.shape[1] - width))
    top = min(max(top, 0), max(0, image.shape[0] - height))
    cv2.rectangle(image, (x, top), (x + width - 1, top + height - 1), colour, cv2.FILLED)
    write(image, text, x + edge, top + height - edge, size, ink, bold=True)


def bar(image: Image, left: float, right: float, top: int, height: int, colour: Colour) -> None:
    """Fill a stretch of a time line; however short, it can be seen."""
    start = int(left)
    cv2.rectangle(image, (start, top), (max(start + 1, int(right) - 1), top + height - 1), colour, cv2.FILLED)


def frame_box(
    image: Image, start: tuple[float, float], end: tuple[float, float], colour: Colour, weight: float
) -> None:
    """Draw the outline of a box, from corner to corner, with a dark rim, so that it shows on any picture."""
    thin = max(1, round(2 * weight))
    corners = _fixed(*start), _fixed(*end)
    cv2.rectangle(image, corners[0], corners[1], (0, 0, 0), thin + 2, cv2.LINE_AA, _SHIFT)
    cv2.rectangle(image, corners[0], corners[1], colour, thin, cv2.LINE_AA, _SHIFT)


def skeleton(image: Image, joints: Sequence[Keypoint], scale: float, colour: Colour, weight: float = 1.0) -> None:
    """Draw the joints that were seen, times ``scale``, and their limbs; ``weight`` 0..1 makes far people finer."""
    seen = {index: _fixed(joint.x * scale, joint.y * scale) for index, joint in enumerate(joints) if joint.score > 0}
    limbs = [(seen[first], seen[second]) for first, second in COCO_SKELETON if first in seen and second in seen]
    thin = max(1, round(2 * weight))
    for ink, thickness in (((0, 0, 0), thin + 2), (colour, thin)):
        for start, end in limbs if weight > 0.5 or ink == colour else ():
            cv2.line(image, start, end, ink, thickness, cv2.LINE_AA, _SHIFT)
    for point in seen.values():
        cv2.circle(image, point, round(4 * weight * _ONE), (0, 0, 0), cv2.FILLED, cv2.LINE_AA, _SHIFT)
        cv2.circle(image, point, round(3 * weight * _ONE), (255, 255, 255), cv2.FILLED, cv2.LINE_AA, _SHIFT)


def png(image: Image) -> bytes:
    """Return ``image`` as a PNG file."""
    _, data = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return bytes(data)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * _ONE), round(y * _ONE)


def _weight(bold: bool) -> int:
    return 600 if bold else 400


@cache
def _font() -> Any:
    return cv2.FontFace("sans")
