"""From the fields of a record class to the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

ColumnKind = Literal["integer", "number", "text"]

_KINDS: dict[type, ColumnKind] = {bool: "integer", int: "integer", float: "number", str: "text"}
_PLAIN = "box"
"""The field whose parts keep their own names: ``x``, not ``box_x``."""
_MOST_DEEP = 5


@dataclass(frozen=True, slots=True)
class Digits:
    """How a number is written as text."""

    places: int
    """Decimal places."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class JsonOnly:
    """Marks a field that stands in JSON lines only: no table can hold a list of numbers."""


_USUAL = Digits(6)
Seconds = Annotated[float, Digits(6, "s")]
Pixels = Annotated[float, Digits(2, "px")]
Score = Annotated[float, Digits(4)]
Degrees = Annotated[float, Digits(2, "deg")]


@dataclass(frozen=True, slots=True)
class Column:
    """A variable. ``digits``: decimal places of a number where it is written as text."""

    name: str
    kind: ColumnKind
    digits: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column that shows a field of a record, or a field of a field."""

    column: Column
    path: tuple[str, ...]

    def value(self, record: object) -> Any:
        """Return what the column says of ``record``; None where something on the way is None."""
        found: Any = record
        for name in self.path:
            if found is None:
                return None
            found = getattr(found, name)
        return int(found) if isinstance(found, bool) else found


@dataclass(frozen=True, slots=True)
class NoColumn:
    """A field whose type no table can hold."""

    path: tuple[str, ...]
    hint: Any


def columns(record: type) -> tuple[FieldColumn, ...]:
    """Return the columns of the record class ``record``, in the order of its fields."""
    return tuple(each for each in table_fields(record) if isinstance(each, FieldColumn))


def has_field(record: type, name: str) -> bool:
    """Whether the record class ``record`` has the field ``name``."""
    return any(field.name == name for field in fields(record))


def table_fields(record: type, path: tuple[str, ...] = (), prefix: str = "") -> Iterator[FieldColumn | NoColumn]:
    """Yield the columns of a dataclass, and the fields that cannot be columns."""
    hints = get_type_hints(record, include_extras=True)
    for name in (field.name for field in fields(record)):
        kind, marks = _annotated(hints[name])
        if any(isinstance(mark, JsonOnly) or mark is JsonOnly for mark in marks):
            continue
        place = (*path, name)
        if is_dataclass(kind) and isinstance(kind, type) and len(place) < _MOST_DEEP:
            yield from table_fields(kind, place, prefix if place == (_PLAIN,) else f"{prefix}{name}_")
        elif (column := _column(f"{prefix}{name}", kind, marks)) is not None:
            yield FieldColumn(column, place)
        else:
            yield NoColumn(place, hints[name])


def _column(name: str, kind: Any, marks: tuple[Any, ...]) -> Column | None:
    if get_origin(kind) is Literal and all(isinstance(value, str) for value in get_args(kind)):
        return Column(name, "text")
    if kind not in _KINDS:
        return None
    digits = next((mark for mark in marks if isinstance(mark, Digits)), _USUAL if kind is float else Digits(0))
    return Column(name, _KINDS[kind], digits.places, digits.unit)


def essence(hint: Any) -> Any:
    """Return the type inside of ``Annotated`` and of ``| None``."""
    return _annotated(hint)[0]


def _annotated(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the type inside of ``Annotated`` and of ``| None``, and what it is annotated with."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        kind, more = _annotated(inner)
        return kind, (*marks, *more)
    if get_origin(hint) in (Union, UnionType):
        branches = [branch for branch in get_args(hint) if branch is not NoneType]
        if len(branches) == 1:
            return _annotated(branches[0])
    return hint, ()
