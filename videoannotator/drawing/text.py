"""Text in pictures. Sizes and widths are pixels.

OpenCV's own letters cover Latin, Greek, Cyrillic, Hebrew, Arabic, Chinese, Japanese and Korean; what they lack becomes
a question mark. Letters are set one after the other, so that Arabic ones are not joined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from unicodedata import bidirectional, mirrored

import cv2

from videoannotator.drawing.colours import INK
from videoannotator.formats.text_utils import one_line
from videoannotator.media.frame import Image
from videoannotator.record_types import Colour

_ANYWHERE = (100_000, 100_000)
_DOTS = "…"
_KINDS = {"L": "left", "R": "right", "AL": "right", "EN": "number", "AN": "number"}
_BRACKETS = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def text_width(text: str, size: int, bold: bool = False) -> int:
    """Return how wide `write` would make ``text``."""
    left, _, width, _ = cv2.getTextSize(_ANYWHERE, visual(text), (0, 0), _font(), size, _weight(bold))
    return int(left + width)


def write(image: Image, text: str, x: int, baseline: int, size: int, colour: Colour = INK, bold: bool = False) -> int:
    """Write ``text`` in one line and return where it ends."""
    end, _ = cv2.putText(image, visual(text), (x, baseline), colour, _font(), size, _weight(bold))
    return int(end[0])


def fitted(text: str, width: int, size: int, bold: bool = False) -> str:
    """Return ``text``, or as much of its beginning as fits into ``width``, with dots; empty if nothing does."""
    if text_width(text, size, bold) <= width:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        if text_width(text[:middle].rstrip() + _DOTS, size, bold) <= width:
            short = middle
        else:
            long = middle - 1
    return text[:short].rstrip() + _DOTS if short else ""


def wrapped(text: str, width: int, size: int, bold: bool = False) -> list[str]:
    """Return ``text`` in lines no wider than ``width``; a word that is wider is divided."""
    lines: list[str] = []
    for word in _pieces(text.split(), width, size, bold):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def visual(text: str) -> str:
    """Return ``text`` in one line with its letters in the order in which they stand from left to right."""
    text = text if text.isprintable() else one_line(text)
    kinds = [_KINDS.get(bidirectional(letter), "") for letter in text]
    if "right" not in kinds:
        return text
    leftwards = next(kind for kind in kinds if kind in ("left", "right")) == "right"
    against = _against(text, kinds, {"left", "number"} if leftwards else {"right"})
    runs = _runs(text, against)
    if leftwards:
        return "".join(run if turned else _reversed(run) for turned, run in reversed(runs))
    return "".join(_reversed(run) if turned else run for turned, run in runs)


def _against(text: str, kinds: Sequence[str], turned: Collection[str]) -> list[bool]:
    """Return which letters run against their line: what has no direction does if both of its neighbours do alike."""
    before, after = list(_carried(kinds)), list(_carried(reversed(kinds)))[::-1]
    return [
        one in turned and one == other and not (one == "number" and letter.isspace())
        for one, other, letter in zip(before, after, text, strict=True)
    ]


def _carried(kinds: Iterable[str]) -> Iterator[str]:
    last = ""
    for kind in kinds:
        last = kind or last
        yield last


def _runs(text: str, against: Sequence[bool]) -> list[tuple[bool, str]]:
    found, position = [], 0
    for turned, run in groupby(against):
        length = len(list(run))
        found.append((turned, text[position : position + length]))
        position += length
    return found


def _reversed(run: str) -> str:
    return "".join(letter.translate(_BRACKETS) if mirrored(letter) else letter for letter in reversed(run))


def _pieces(words: Iterable[str], width: int, size: int, bold: bool) -> Iterator[str]:
    for word in words:
        rest = word
        while text_width(rest, size, bold) > width and len(rest) > 1:
            fits = max(1, len(fitted(rest, width, size, bold)) - 1)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def _weight(bold: bool) -> int:
    return 600 if bold else 400


@cache
def _font() -> Any:
    return cv2.FontFace("sans")
