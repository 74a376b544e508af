"""What is drawn into a frame: people, faces and what else was seen, captions, who speaks, the scene and the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from videoannotator.annotations import FrameRecord, IntervalRecord, SpeakerTurn
from videoannotator.drawing import canvas
from videoannotator.drawing.active_records import ActiveRecords
from videoannotator.drawing.boxes import BoxLayer
from videoannotator.drawing.caption_lines import Caption, Captions, without_repeats
from videoannotator.drawing.colours import UNKNOWN, Colours
from videoannotator.drawing.text import fitted, text_width, write
from videoannotator.drawing.timeline_chart import display_time
from videoannotator.identity.nearest_frame import NearestFrame
from videoannotator.media.frame import Image
from videoannotator.record_types import IntervalType
from videoannotator.results.result import Result, by_type

_USUAL_SIDE = 540
"""Length of the shorter side from which lines and letters grow with the picture."""
_REACH = 1.0
"""How far the nearest frame that was looked at may be, in usual distances between such frames."""
_SHADE = 0.62


class Overlay:
    """Draws what ``results`` tell into the frames of their video, which come in the order of their times."""

    def __init__(self, results: Sequence[Result], width: int, height: int) -> None:
        """``width`` and ``height``: of the frames in pixels."""
        self._scale = width / (results[0].info.width or width)
        self._unit = max(1.0, min(width, height) / _USUAL_SIDE)
        self._colours = Colours(results)
        self._seen = [(each.record.record_type.noun, _nearest_frame(each)) for each in _shown(results, "boxes")]
        self._stamped = [_lasting(each) for each in _shown(results, "stamp")]
        self._turns = [ActiveRecords(each.records, SpeakerTurn) for each in _shown(results, "voices")]
        self._size = round(19 * self._unit)
        room = round(0.84 * width)
        self._captions = [Captions(each.records, room, self._size) for each in _shown(results, "captions")]

    def draw(self, image: Image, time: float) -> None:
        """Draw what is known about ``time``, in seconds, into ``image``."""
        boxes = BoxLayer(image, self._scale, self._colours, self._unit)
        for noun, seen in self._seen:
            boxes.draw(seen.near(time), noun)
        boxes.label()
        self._stamp(image, time)
        bottom = image.shape[0] - round(14 * self._unit)
        captions = without_repeats([caption for source in self._captions for caption in source.at(time)])
        for caption in reversed(captions):
            bottom = self._caption(image, caption, bottom)
        self._voices(image, time, {caption.speaker for caption in captions}, bottom)

    def _stamp(self, image: Image, time: float) -> None:
        facts = [
            display_time(time),
            *(_in_words(record) for each in self._stamped for record in each.at(time)),
        ]
        text, size, edge = "  ".join(facts), round(13 * self._unit), round(8 * self._unit)
        width, height = canvas.pill_size(text, size)
        left = image.shape[1] - width - edge
        canvas.patch(image, left, edge, left + width, edge + height, (0, 0, 0), _SHADE)
        write(image, text, left + size // 2, edge + height - size // 2, size, bold=True)

    def _caption(self, image: Image, caption: Caption, bottom: int) -> int:
        """Draw a caption whose lower edge is at ``bottom``, with its speaker above it; return its upper edge."""
        line, pad = round(1.35 * self._size), round(0.4 * self._size)
        width = max(text_width(each, self._size) for each in caption.lines) + 2 * pad
        left, top = (image.shape[1] - width) // 2, bottom - line * len(caption.lines) - pad
        canvas.patch(image, left, top, left + width, bottom, (0, 0, 0), _SHADE)
        for number, text in enumerate(caption.lines, start=1):
            x = (image.shape[1] - text_width(text, self._size)) // 2
            write(image, text, x, top + number * line - round(0.2 * self._size), self._size)
        if caption.speaker is None:
            return top - pad
        return self._voice(image, caption.speaker, left, top) - pad

    def _voices(self, image: Image, time: float, captioned: set[str | None], bottom: int) -> None:
        """Name those who speak without a caption."""
        left = round(14 * self._unit)
        for speaker in {turn.speaker: None for each in self._turns for turn in each.at(time)}:
            if speaker not in captioned:
                bottom = self._voice(image, speaker, left, bottom) - self._size // 4

    def _voice(self, image: Image, speaker: str, left: int, bottom: int) -> int:
        size = round(0.7 * self._size)
        name = fitted(speaker, image.shape[1] // 2, size, bold=True)
        top = bottom - canvas.pill_size(name, size)[1]
        canvas.pill(image, name, left, top, self._colours.speaker(speaker) or UNKNOWN, size=size)
        return top


def _shown(results: Sequence[Result], where: str) -> Iterator[Result]:
    """Yield the results that are shown in one way, in the order of their types."""
    for same in by_type(results, lambda declared: declared.lanes):
        yield from (result for result in same if _where(result) == where)


def _where(result: Result) -> str:
    declared = result.record.record_type
    return declared.overlay if isinstance(declared, IntervalType) else "boxes"


def _in_words(record: IntervalRecord) -> str:
    declared = record.record_type
    return " ".join(filter(None, (declared.noun, getattr(record, declared.label, None))))


def _lasting(result: Result) -> ActiveRecords[IntervalRecord]:
    return ActiveRecords(result.records)


def _nearest_frame(result: Result) -> NearestFrame[FrameRecord]:
    seen = cast("Sequence[FrameRecord]", result.records)
    return NearestFrame(seen, [time for _, time in result.frames], _REACH)
