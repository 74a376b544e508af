"""The declaration that a record class carries as its ``record_type``.

It is light: whatever is only needed where files are written is named as ``module:attribute`` and not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Colour = tuple[int, int, int]
"""RGB, 0..255."""

LAST = 100
"""The place of what a plugin adds: after everything that is built in."""


@dataclass(frozen=True, slots=True)
class Handler:
    """The function that shows the records of a type in one kind of file, named as ``module:function``."""

    function: str
    order: int = LAST
    """Its place among the handlers of other types: a smaller one comes first."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file that has a writer of its own."""

    format: str
    """A name of `videoannotator.formats.names.OUTPUTS`."""
    suffix: str
    """What follows the pipeline's name in the file's name, for example ``.vtt``."""
    writer: str
    """``module:function``, called with a `videoannotator.results.result.Result` and a path."""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table for CSV and Parquet that is not simply the fields of the record."""

    suffix: str
    """What follows the pipeline's name in the file's name, before ``.csv``; may be empty."""
    table: str
    """``module:attribute`` of a `videoannotator.formats.tables.Table`."""


@dataclass(frozen=True, slots=True)
class CocoCategory:
    """The category of a type's annotations in COCO files."""

    name: str
    supercategory: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow in the picture: two fields or properties of the record, each with ``x`` and ``y`` in pixels."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """What is declared about records of either kind. Use `FrameType` or `IntervalType`."""

    name: str
    """What a record is called in files, for example ``gaze``; unique in an installation."""
    noun: str
    """One of them, as people read it."""
    plural: str
    label: str = ""
    """The field or property that says in a word what was found: text, or None. It labels tiers, lanes and boxes."""
    label_colours: Mapping[str, Colour] = field(default_factory=dict)
    """The colours of values of ``label`` on time lines; other values get colours in the order of the alphabet."""
    suffix: str = ""
    """What follows the pipeline's name in the names of files: tells apart the types of a pipeline with several."""
    files: tuple[RecordFile, ...] = ()
    """Files with writers of their own."""
    tables: tuple[RecordTable, ...] = ()
    """Tables of their own, the main one first; none means one table, made from the fields of the record."""
    title: str = ""
    """The heading of their part of the contact sheet; ``plural`` unless given."""
    tiers: Handler
    """Yields their tiers for ELAN and Praat."""
    lanes: Handler
    """Returns their lanes of a time line."""
    section: Handler | None
    """Yields their part of the contact sheet; None if they have none."""

    @property
    def heading(self) -> str:
        """The heading of their part of the contact sheet."""
        return self.title or self.plural.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameType(RecordType):
    """Records of what is seen in one frame.

    The class has ``frame`` (int) and ``time`` (seconds). It may have ``track_id`` (int or None), ``box``
    (`videoannotator.annotations.BoundingBox`) and ``score``.
    """

    subject: str = ""
    """Whose identity ``track_id`` is: ``person`` makes it ``person_003`` in files; the record's name unless given."""
    presence: str = ""
    """What a tier is called in which nothing is seen; ``plural`` unless given."""
    coco: CocoCategory | None = None
    """The category in COCO files; None for records that no COCO file holds."""
    points: tuple[str, ...] = ()
    """Fields or properties to draw as dots, each with ``x`` and ``y`` in pixels."""
    arrows: tuple[Arrow, ...] = ()
    skeleton: str = ""
    """The field with the 17 keypoints of COCO, to be drawn as a skeleton."""
    full_height: int = 50
    """Height of a box, in pixels of a picture of usual size, from which its lines are drawn with full weight."""
    tiers: Handler = Handler("videoannotator.formats.tiers:frame_tiers")
    lanes: Handler = Handler("videoannotator.drawing.timeline_tracks:frame_lanes")
    section: Handler | None = Handler("videoannotator.drawing.preview:frame_section")

    @property
    def identity(self) -> str:
        """What an identity is called in files, without its number."""
        return self.subject or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalType(RecordType):
    """Records of what lasts from ``start`` to ``end`` (seconds). The class may have ``speaker`` (text or None)."""

    overlay: Literal["stamp", "captions", "voices"] = "stamp"
    """Where a video shows them: in the corner beside the time, as captions, or as the name of who speaks."""
    tiers: Handler = Handler("videoannotator.formats.tiers:interval_tiers")
    lanes: Handler = Handler("videoannotator.drawing.timeline_tracks:interval_lanes")
    section: Handler | None = None
