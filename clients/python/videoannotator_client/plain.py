"""Protobuf messages as plain JSON values, the way a person would write them.

Unset is null, 64-bit integers are numbers, enum values are lower case without their prefix, times are RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

_WELL_KNOWN = "google.protobuf."


def plain(message: Message) -> dict[str, Any]:
    """Return every field of ``message``; of a oneof only the one that is set."""
    return {
        field.name: _field(message, field)
        for field in message.DESCRIPTOR.fields
        if not _is_unset_choice(message, field)
    }


def enum_name(enum: EnumDescriptor, number: int) -> str:
    """Return an enum value as people write it: JOB_STATUS_PENDING is ``pending``."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix).lower()


def enum_number(enum: EnumDescriptor, name: str) -> int | None:
    """Return the number of a value as `enum_name` writes it, None if there is none."""
    numbers = {enum_name(enum, value.number): value.number for value in enum.values if value.number}
    return numbers.get(name.lower())


def _is_unset_choice(message: Message, field: Any) -> bool:
    choice = field.containing_oneof
    if choice is None or choice.name.startswith("_"):  # a field declared `optional` is alone in such a oneof
        return False
    return bool(message.WhichOneof(choice.name) != field.name)


def _field(message: Message, field: Any) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return {str(key): entry for key, entry in value.items()}
        return [_value(entry, field) for entry in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value(value, field)


def _value(value: Any, field: Any) -> Any:
    if field.enum_type is not None:
        return enum_name(field.enum_type, value)
    if field.message_type is None:
        return value
    if field.message_type.full_name == "google.protobuf.Duration":
        return value.ToTimedelta().total_seconds()
    if field.message_type.full_name.startswith(_WELL_KNOWN):
        return json_format.MessageToDict(value)
    return plain(value)
