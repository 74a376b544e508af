"""Protobuf messages as the JSON that REST clients know: null for what is unset, numbers, lower-case names of values."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

Shape = Callable[[Any, dict[str, Any]], Any]
"""Turns a message and its plain rendering into what clients expect of it."""

_FREE_FORM = frozenset({"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"})


def render(message: Message, shapes: Mapping[str, Shape] | None = None) -> Any:
    """Return ``message`` as JSON values; ``shapes`` change how messages of some types look, wherever they stand."""
    kind = message.DESCRIPTOR.full_name
    if kind in _FREE_FORM:
        return _plain(json_format.MessageToDict(message))
    if kind == "google.protobuf.Timestamp":
        return json_format.MessageToDict(message)
    if kind == "google.protobuf.Duration":
        return message.ToNanoseconds() / 1e9  # type: ignore[attr-defined]
    fields: Sequence[Any] = message.DESCRIPTOR.fields
    found = {field.name: _field(message, field, shapes) for field in fields}
    shape = shapes.get(kind) if shapes else None
    return shape(message, found) if shape else found


def dumps(content: Any) -> bytes:
    """Return JSON values as bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _field(message: Message, field: FieldDescriptor, shapes: Mapping[str, Shape] | None) -> Any:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name["value"]
        return {str(key): _one(entry, each, shapes) for key, each in sorted(value.items())}
    if field.is_repeated:
        return [_one(field, each, shapes) for each in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _one(field, value, shapes)


def _one(field: FieldDescriptor, value: Any, shapes: Mapping[str, Shape] | None) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return render(value, shapes)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return _name_of(field.enum_type, value)  # type: ignore[arg-type] # an enumeration has its descriptor
    if field.type == FieldDescriptor.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _name_of(kind: EnumDescriptor, number: int) -> str | None:
    """Return RUNNING of JOB_STATUS_RUNNING in lower case; the unspecified value is null."""
    if number == 0:
        return None
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.name).upper() + "_"
    return str(kind.values_by_number[number].name.removeprefix(prefix).lower())


def _plain(content: Any) -> Any:
    """Return free-form JSON with whole numbers as such, and keys in order: a Struct knows neither."""
    match content:
        case float() if content.is_integer():
            return int(content)
        case dict():
            return {key: _plain(content[key]) for key in sorted(content)}
        case list():
            return [_plain(each) for each in content]
    return content
