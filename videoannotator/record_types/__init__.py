"""What a type of record declares about itself: its names, its columns, and how files and pictures show it."""

from videoannotator.record_types.declaration import (
    Arrow,
    CocoCategory,
    Colour,
    FrameType,
    Handler,
    IntervalType,
    RecordFile,
    RecordTable,
    RecordType,
)
from videoannotator.record_types.fields import Degrees, Digits, JsonOnly, Pixels, Score, Seconds

__all__ = [
    "Arrow",
    "CocoCategory",
    "Colour",
    "Degrees",
    "Digits",
    "FrameType",
    "Handler",
    "IntervalType",
    "JsonOnly",
    "Pixels",
    "RecordFile",
    "RecordTable",
    "RecordType",
    "Score",
    "Seconds",
]
