"""What is wrong with a record class, found before any of its records is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_origin, get_type_hints

from videoannotator.record_types.declaration import FrameType, Handler, IntervalType, RecordType
from videoannotator.record_types.fields import FieldColumn, essence, table_fields
from videoannotator.record_types.names import exists
from videoannotator.record_types.outputs import MEDIA_TYPES

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SUFFIX = re.compile(r"(_[a-z0-9_]+)?")
_RESERVED = ("header", "frame")
"""Names of other lines in a file of records."""

_REQUIRED: dict[type[RecordType], dict[str, type]] = {
    FrameType: {"frame": int, "time": float},
    IntervalType: {"start": float, "end": float},
}
_BOX = ("x", "y", "width", "height")
_POINT = ("x", "y")
_ABSENT = object()


def problems(record: type) -> Iterator[str]:
    """Yield what is wrong with ``record``, each as the end of a sentence that begins with its name."""
    declared = getattr(record, "record_type", None)
    if not isinstance(declared, FrameType | IntervalType):
        yield "has no record_type that is a FrameType or an IntervalType"
        return
    if not (isinstance(record, type) and is_dataclass(record)):
        yield "is not a dataclass"
        return
    try:
        hints = {name: essence(hint) for name, hint in get_type_hints(record, include_extras=True).items()}
        own = {field.name: hints[field.name] for field in fields(record)}
        yield from _field_problems(declared, own)
        yield from _column_problems(record, declared)
    except (NameError, TypeError) as error:
        yield f"has type hints that cannot be read: {error}"
        return
    yield from _name_problems(declared)
    yield from _shown_problems(record, declared, own)
    yield from _handler_problems(declared)


def _name_problems(declared: RecordType) -> Iterator[str]:
    if not _NAME.fullmatch(declared.name):
        yield f"is called {declared.name!r} in files: lower-case letters, digits and underscores, a letter first"
    if declared.name in _RESERVED:
        yield f"is called {declared.name!r}, which is the name of another line in files of records"
    if not declared.noun or not declared.plural:
        yield "declares no noun or no plural"
    if not _SUFFIX.fullmatch(declared.suffix):
        yield f"has the suffix {declared.suffix!r}, which is not an underscore and lower-case letters"


def _field_problems(declared: RecordType, own: dict[str, Any]) -> Iterator[str]:
    for name, kind in _REQUIRED[type(declared)].items():
        if own.get(name) is not kind:
            yield f"has no field {name}: {kind.__name__}, which every {type(declared).__name__} needs"
    for name, kind in (("track_id", int), ("score", float), ("speaker", str)):
        if name in own and own[name] is not kind:
            yield f"has a field {name} that is not {kind.__name__}"
    if "box" in own and not _has(own["box"], _BOX):
        yield "has a field box without x, y, width and height"


def _column_problems(record: type, declared: RecordType) -> Iterator[str]:
    if declared.tables:
        return
    seen: set[str] = {"annotation_id", declared.name}
    for each in table_fields(record):
        if not isinstance(each, FieldColumn):
            place, hint = ".".join(each.path), getattr(each.hint, "__name__", each.hint)
            yield f"has a field {place} of type {hint}, which no table can hold: annotate it with JsonOnly"
        elif each.column.name in seen:
            yield f"has two columns called {each.column.name!r}"
        else:
            seen.add(each.column.name)


def _shown_problems(record: type, declared: RecordType, own: dict[str, Any]) -> Iterator[str]:
    if declared.label:
        kind = _kind(record, own, declared.label)
        if kind is _ABSENT:
            yield f"declares the label {declared.label!r}, which it does not have"
        elif kind is not str and get_origin(kind) is not Literal:
            yield f"declares the label {declared.label!r}, which is not text"
    if isinstance(declared, FrameType):
        for name in (*declared.points, *(end for arrow in declared.arrows for end in (arrow.start, arrow.end))):
            kind = _kind(record, own, name)
            if kind is _ABSENT:
                yield f"declares the point {name!r}, which it does not have"
            elif not _has(kind, _POINT):
                yield f"declares the point {name!r}, which has no x and y"
        if declared.skeleton and declared.skeleton not in own:
            yield f"declares the skeleton {declared.skeleton!r}, which it does not have"
    elif isinstance(declared, IntervalType):
        for name in {"captions": ("text", "speaker", "words"), "voices": ("speaker",)}.get(declared.overlay, ()):
            if name not in own:
                yield f"has no field {name}, which {declared.overlay} need"


def _handler_problems(declared: RecordType) -> Iterator[str]:
    for file in declared.files:
        if file.format not in MEDIA_TYPES:
            yield f"has a file of the format {file.format!r}, which does not exist"
    handlers = [each for each in (declared.tiers, declared.lanes, declared.section) if isinstance(each, Handler)]
    named = [file.writer for file in declared.files] + [table.table for table in declared.tables]
    for name in dict.fromkeys([*named, *(handler.function for handler in handlers)]):
        if not exists(name):
            yield f"names {name!r}, which does not exist"


def _kind(record: type, own: dict[str, Any], name: str) -> Any:
    """Return the type of a field or of what a property returns; `_ABSENT` if there is neither."""
    if name in own:
        return own[name]
    found = getattr(record, name, None)
    if isinstance(found, property) and found.fget is not None:
        return essence(get_type_hints(found.fget, include_extras=True).get("return"))
    return _ABSENT


def _has(kind: Any, names: tuple[str, ...]) -> bool:
    return is_dataclass(kind) and set(names) <= {field.name for field in fields(kind)}
