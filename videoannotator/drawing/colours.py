"""Which colour stands for whom and for what, in every picture of a video alike. Colours are RGB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import cast

from videoannotator.annotations import Record
from videoannotator.identity.links import Link
from videoannotator.record_types import Colour, FrameType, RecordType
from videoannotator.record_types.fields import has_field
from videoannotator.results.result import Result

INK: Colour = (236, 239, 244)
FAINT: Colour = (148, 158, 174)
PAPER: Colour = (19, 22, 28)
PANEL: Colour = (33, 38, 47)
UNKNOWN: Colour = (165, 172, 184)
SCENES: tuple[Colour, Colour] = ((96, 108, 130), (140, 153, 176))
"""Of scenes in turn, so that cuts show."""

EMOTION_COLOURS: dict[str, Colour] = {
    "angry": (255, 92, 92),
    "disgust": (151, 196, 66),
    "fear": (178, 128, 255),
    "happy": (255, 209, 71),
    "sad": (74, 104, 226),
    "surprise": (255, 152, 84),
    "neutral": (176, 184, 197),
}

_PALETTE: tuple[Colour, ...] = (
    (64, 169, 255), (255, 140, 66), (92, 214, 123), (255, 99, 132), (186, 131, 255), (255, 209, 71),
    (54, 211, 203), (255, 130, 208), (172, 206, 74), (120, 144, 255), (233, 161, 111), (117, 221, 255),
)  # fmt: skip
_FACE, _VOICE, _OTHER = (6, 0.25), (2, 0.35), (4, 0.2)
"""Where in the palette faces and voices without a person begin, and other things; how much white their colours have."""


class Colours:
    """The colours of the people in one video: a face and a voice have that of the person they belong to.

    A face or voice without a person has a colour of its own, as long as there are few.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        self._faces: dict[int, Link] = {}
        self._voices: dict[str, Link] = {}
        for result in results:
            self._faces |= result.links
            self._voices |= result.voices
        speakers = {name: None for result in results for name in _voices(result)}
        self._order = {name: number for number, name in enumerate(sorted(speakers))}

    def person(self, track_id: int | None) -> Colour:
        """Return the colour of a person; grey without identity."""
        return UNKNOWN if track_id is None else _colour(track_id - 1)

    def face(self, track_id: int | None) -> Colour:
        """Return the colour of a face: its person's, or else not that of the person of the same number."""
        if track_id is None:
            return UNKNOWN
        link = self._faces.get(track_id)
        if link is not None and link.person is not None:
            return self.person(link.person)
        return _colour(track_id - 1, *_FACE)

    def track(self, record: type[Record], track_id: int | None) -> Colour:
        """Return the colour of what has an identity in records of a type: a person, a face, or something else."""
        identity = cast("FrameType", record.record_type).identity
        if identity == "person":
            return self.person(track_id)
        if identity == "face":
            return self.face(track_id)
        return UNKNOWN if track_id is None else _colour(track_id - 1, *_OTHER)

    def speaker(self, name: str | None) -> Colour:
        """Return the colour of a voice: its person's or face's if it is known whose it is."""
        if name is None:
            return UNKNOWN
        link = self._voices.get(name)
        if link is not None:
            return self.person(link.person) if link.person is not None else self.face(link.face)
        return _colour(self._order.get(name, 0), *_VOICE)


def _colour(number: int, first: int = 0, white: float = 0.0) -> Colour:
    red, green, blue = (round(part + white * (255 - part)) for part in _PALETTE[(number + first) % len(_PALETTE)])
    return red, green, blue


def label_colours(declared: RecordType, labels: Iterable[str]) -> Mapping[str, Colour]:
    """Return the colours of ``labels``: those that the type declares, then others in the order of the alphabet.

    Others have no colour that is declared, as long as there are enough.
    """
    own = declared.label_colours
    free = [colour for colour in _PALETTE if colour not in own.values()] or _PALETTE
    return {**own, **dict(zip(sorted(set(labels) - own.keys()), cycle(free)))}


def _voices(result: Result) -> set[str]:
    if not has_field(result.record, "speaker"):
        return set()
    return {speaker for record in result.records if (speaker := getattr(record, "speaker", None))}
