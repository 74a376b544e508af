"""Drawing on a picture: patches, boxes, skeletons and labels. Colours are RGB, lengths are pixels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from videoannotator.annotations import COCO_SKELETON, Keypoint
from videoannotator.drawing.colours import PAPER
from videoannotator.drawing.text import text_width, write
from videoannotator.media.frame import Image
from videoannotator.record_types import Colour

_SHIFT = 3
_ONE = 1 << _SHIFT


def blank(width: int, height: int, colour: Colour = PAPER) -> Image:
    """Return a picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def patch(image: Image, left: int, top: int, right: int, bottom: int, colour: Colour, cover: float = 1.0) -> None:
    """Fill a rectangle, whose right and lower edges are exclusive; ``cover`` 0..1 lets the picture shine through."""
    area = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if cover >= 1:
        area[:] = colour
    elif area.size:
        cv2.addWeighted(area, 1 - cover, np.full_like(area, colour), cover, 0, dst=area)


def pill_size(text: str, size: int) -> tuple[int, int]:
    """Return width and height of a pill."""
    edge = size // 2
    return text_width(text, size, bold=True) + 2 * edge, size + edge + 2


def pill(image: Image, text: str, x: int, top: int, colour: Colour, ink: Colour = (0, 0, 0), size: int = 13) -> None:
    """Write ``text`` on a patch of ``colour``, moved as far as needed to stay within ``image``."""
    width, height = pill_size(text, size)
    x = min(max(x, 0), max(0, image.shape[1] - width))
    top = min(max(top, 0), max(0, image.shape[0] - height))
    patch(image, x, top, x + width, top + height, colour)
    write(image, text, x + size // 2, top + height - size // 2, size, ink, bold=True)


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
        _dot(image, point, weight)


def dot(image: Image, point: tuple[float, float], weight: float) -> None:
    """Draw a white dot with a dark rim."""
    _dot(image, _fixed(*point), weight)


def arrow(image: Image, start: tuple[float, float], end: tuple[float, float], colour: Colour, weight: float) -> None:
    """Draw an arrow with a dark rim; its head is a quarter of its length, but never larger than 12 times its weight."""
    thin = max(1, round(2 * weight))
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    if length < 1:
        dot(image, start, weight)
        return
    head = min(0.25, 12 * weight / length)
    for ink, thickness in (((0, 0, 0), thin + 2), (colour, thin)):
        cv2.arrowedLine(image, _fixed(*start), _fixed(*end), ink, thickness, cv2.LINE_AA, _SHIFT, head)


def _dot(image: Image, point: tuple[int, int], weight: float) -> None:
    cv2.circle(image, point, round(4 * weight * _ONE), (0, 0, 0), cv2.FILLED, cv2.LINE_AA, _SHIFT)
    cv2.circle(image, point, round(3 * weight * _ONE), (255, 255, 255), cv2.FILLED, cv2.LINE_AA, _SHIFT)


def png(image: Image) -> bytes:
    """Return ``image`` as a PNG file."""
    _, data = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return bytes(data)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * _ONE), round(y * _ONE)
