"""Whether records hold what they promise: what their declaration cannot tell before they are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from videoannotator.record_types.declaration import IntervalType
from videoannotator.record_types.fields import ColumnKind, FieldColumn, columns

_KINDS: dict[ColumnKind, tuple[type, ...]] = {"integer": (int,), "number": (float, int), "text": (str,)}


def first_problem(record: type[Any], found: Iterable[Any]) -> str:
    """Return what is wrong with the first record that no file can hold, as the end of a sentence; empty if none is.

    Every value must be what its type says, as plain Python: JSON has no numpy.float32 and no infinite number. Records
    come in the order of their times.
    """
    adapter, shown = TypeAdapter[Any](record), columns(record)
    lasts = isinstance(record.record_type, IntervalType)
    before = float("-inf")
    for number, each in enumerate(found, start=1):
        if type(each) is not record:
            return f"produced a {type(each).__name__} that it does not declare (record {number})."
        if problem := _kind_problem(shown, each) or _value_problem(adapter, each):
            return f"produced a {record.__name__} that cannot be written (record {number}): {problem}"
        time = each.start if lasts else each.time
        if time < before:
            return f"produced a {record.__name__} before an earlier one (record {number}): order them by their times."
        if lasts and each.end < each.start:
            return f"produced a {record.__name__} that ends before it starts (record {number})."
        before = time
    return ""


def _kind_problem(shown: Iterable[FieldColumn], record: Any) -> str:
    for each in shown:
        value = each.value(record)
        if value is not None and not isinstance(value, _KINDS[each.column.kind]):
            return f"{'.'.join(each.path)}: {type(value).__name__} is not a plain Python {each.column.kind}."
    return ""


def _value_problem(adapter: TypeAdapter[Any], record: Any) -> str:
    try:
        adapter.validate_json(adapter.dump_json(record))
    except PydanticSerializationError as error:
        return f"{' '.join(str(error).split())}."
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}."
    return ""
