"""JSON Schemas of messages: as requests take them, and as the answers of REST show them."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from scripts.openapi.contract import message

Schema = dict[str, Any]

_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    FieldDescriptor.TYPE_INT64: {"type": "integer", "format": "int64"},
}
_WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "number", "description": "Seconds."},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
}
_NUMBER = r"-?\d[\d,]*"
_RANGE = re.compile(rf"({_NUMBER}) to ({_NUMBER})( characters)?")
_AT_MOST = re.compile(rf"[Aa]t most ({_NUMBER}) characters")
_DEFAULT = re.compile(rf"({_NUMBER}) by default")


def reference(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """Return a schema that null fits, too."""
    if not set(schema) - {"description"}:
        return schema
    if "$ref" in schema:
        described = {key: value for key, value in schema.items() if key != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **described}
    with_null = {**schema, "type": [schema["type"], "null"]}
    return {**with_null, "enum": [*schema["enum"], None]} if "enum" in schema else with_null


class Schemas:
    """The schemas of a document, gathered while its calls are described."""

    def __init__(self, comments: Mapping[str, str], shapes: Mapping[str, Any], written: Mapping[str, Schema]) -> None:
        self._comments = comments
        self._shapes = shapes
        self._written = written
        self.found: dict[str, Schema] = {}

    def named(self, name: str) -> Schema:
        """Return a reference to a schema that was written by hand."""
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = self.resolved(self._written[name])
        return reference(name)

    def resolved(self, schema: Any) -> Any:
        """Return a schema written by hand with what its references name: `{"$ref": "Job"}` stands for the message."""
        if isinstance(schema, list):
            return [self.resolved(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            rest = {key: self.resolved(value) for key, value in schema.items() if key != "$ref"}
            return {**self._by_short_name(schema["$ref"]), **rest}
        return {key: self.resolved(value) for key, value in schema.items()}

    def _by_short_name(self, name: str) -> Schema:
        return self.named(name) if name in self._written else self.answer(message(name))

    def answer(self, kind: Descriptor) -> Schema:
        """Return a reference to the schema of a message in an answer: every key is there, null for what is unset."""
        if kind.full_name in _WELL_KNOWN:
            return copy.deepcopy(_WELL_KNOWN[kind.full_name])
        if kind.name not in self.found:
            self.found[kind.name] = {}
            properties = {field.name: self._in_answer(field) for field in kind.fields}
            schema = {**self._described(kind.full_name), "type": "object", "properties": properties}
            shaped = self._shaped(kind.name, schema)
            self.found[kind.name] = {**shaped, "required": list(shaped["properties"])}
        return reference(kind.name)

    def request(self, kind: Descriptor, *, without: frozenset[str] = frozenset()) -> Schema:
        """Return the schema of a message in a request, where everything may be left out."""
        fields = [field for field in kind.fields if field.name not in without]
        return {
            **self._described(kind.full_name),
            "type": "object",
            "properties": {field.name: self.in_request(field) for field in fields},
        }

    def in_request(self, field: FieldDescriptor) -> Schema:
        """Return the schema of a field in a request."""
        return self._field(field, self.request)

    def _in_answer(self, field: FieldDescriptor) -> Schema:
        schema = self._field(field, self.answer)
        may_be_null = field.has_presence and not field.is_repeated and field.name not in ("created_at", "time")
        return nullable(schema) if may_be_null else schema

    def _field(self, field: FieldDescriptor, of_message: Any) -> Schema:
        comment = self._described(field.full_name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            values = self._one(field.message_type.fields_by_name["value"], of_message)
            return {**comment, "type": "object", "additionalProperties": values}
        one = self._one(field, of_message)
        if field.is_repeated:
            return {**comment, "type": "array", "items": one}
        return {**one, **comment, **_limits(one.get("type"), comment.get("description", ""))}

    def _one(self, field: FieldDescriptor, of_message: Any) -> Schema:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            known = _WELL_KNOWN.get(field.message_type.full_name)
            schema: Schema = of_message(field.message_type) if known is None else copy.deepcopy(known)
            return schema
        if field.type == FieldDescriptor.TYPE_ENUM:
            return self._enum(field.enum_type)
        return dict(_SCALARS[field.type])

    def _enum(self, enum: EnumDescriptor) -> Schema:
        zero, *values = enum.values
        prefix = zero.name.removesuffix("UNSPECIFIED")
        schema = {"type": "string", "enum": [value.name.removeprefix(prefix).lower() for value in values]}
        never_unset = self._comments.get(f"{enum.full_name}.{zero.name}", "").startswith("Never set")
        return schema if never_unset else nullable(schema)

    def _shaped(self, name: str, schema: Schema) -> Schema:
        """Return a schema with what server/videoannotator_server/rest/shapes.py changes."""
        shape = self._shapes.get(name, {})
        renamed = shape.get("rename", {})
        properties = {
            renamed.get(key, key): value
            for key, value in schema["properties"].items()
            if key not in shape.get("remove", ())
        }
        properties |= self.resolved(shape.get("add", {}))
        return {**schema, "properties": properties}

    def _described(self, name: str) -> Schema:
        comment = self._comments.get(name)
        return {"description": comment} if comment else {}


def _limits(kind: Any, comment: str) -> Schema:
    """Return the limits that a comment tells: comments say `1 to 100` and `at most 128 characters`."""
    if kind not in ("integer", "number", "string"):
        return {}
    limits: Schema = {}
    found = _RANGE.search(comment)
    if found and bool(found[3]) == (kind == "string"):
        lowest, highest = ("minLength", "maxLength") if kind == "string" else ("minimum", "maximum")
        limits |= {lowest: _number(found[1]), highest: _number(found[2])}
    if kind == "string" and (longest := _AT_MOST.search(comment)):
        limits["maxLength"] = _number(longest[1])
    if kind == "integer" and (default := _DEFAULT.search(comment)):
        limits["default"] = _number(default[1])
    return limits


def _number(text: str) -> int:
    return int(text.replace(",", ""))
