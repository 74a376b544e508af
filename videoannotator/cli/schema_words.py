"""JSON Schema in words: what an option may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def in_words(schema: Mapping[str, Any]) -> str:
    """Return type and limits of a value, or its choices: ``number, from 0 to 1``; ``fast | exact``."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("type", "value")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = {"at least": low, "at most": high}
    if low is not None and high is not None:
        bounds = {"from": low, "to": high}
    bounds |= {"above": schema.get("exclusiveMinimum"), "below": schema.get("exclusiveMaximum")}
    limits = " ".join(f"{word} {value_in_words(bound)}" for word, bound in bounds.items() if bound is not None)
    return ", ".join(part for part in (words, limits, *_sizes(schema)) if part)


def _sizes(schema: Mapping[str, Any]) -> Iterator[str]:
    for what, least, most in (("entries", "minItems", "maxItems"), ("characters", "minLength", "maxLength")):
        low, high = schema.get(least), schema.get(most)
        if low is not None and high is not None:
            yield f"{value_in_words(low)} to {value_in_words(high)} {what}"
        elif low is not None:
            yield f"at least {value_in_words(low)} {what}"
        elif high is not None:
            yield f"at most {value_in_words(high)} {what}"


def value_in_words(value: Any) -> str:
    """Return a value as people write it: protobuf turns every number into a float."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float() if abs(value) < 1e6:
            return f"{value:g}"
        case list():
            return ", ".join(map(value_in_words, value))
        case _:
            return str(value)
