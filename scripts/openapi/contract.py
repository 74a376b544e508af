"""The messages and calls of the native contract, by name, and the paths of REST."""

from __future__ import annotations

from collections.abc import Iterator

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor

from videoannotator.rest.v1 import rest_pb2
from videoannotator.v1 import (
    artifacts_pb2,
    errors_pb2,
    jobs_pb2,
    pipelines_pb2,
    system_pb2,
    tokens_pb2,
    types_pb2,
    videos_pb2,
)

REST = rest_pb2.DESCRIPTOR.services_by_name["RestService"]
NATIVE: list[FileDescriptor] = [
    module.DESCRIPTOR
    for module in (
        artifacts_pb2,
        errors_pb2,
        jobs_pb2,
        pipelines_pb2,
        system_pb2,
        tokens_pb2,
        types_pb2,
        videos_pb2,
    )
]
_MESSAGES = {name: message for file in NATIVE for name, message in file.message_types_by_name.items()}
_CALLS = {call.name: call for file in NATIVE for each in file.services_by_name.values() for call in each.methods}


def message(name: str) -> Descriptor:
    """Return a message of the contract.

    Raises:
        SystemExit: There is none of that name.
    """
    if name not in _MESSAGES:
        raise SystemExit(f"rest.yaml names {name}, which is neither written there nor a message of the contract")
    return _MESSAGES[name]


def twin(method: MethodDescriptor) -> MethodDescriptor:
    """Return the native call that a REST call is derived from.

    Raises:
        SystemExit: There is none.
    """
    found = _CALLS.get(method.name)
    if found is None or found.input_type.full_name != method.input_type.full_name:
        raise SystemExit(f"{method.full_name} has no native twin: rest.yaml must say what it answers")
    return found


def http_rule(method: MethodDescriptor) -> http_pb2.HttpRule:
    """Return how REST reaches a call."""
    return method.GetOptions().Extensions[annotations_pb2.http]


def bindings(method: MethodDescriptor) -> Iterator[tuple[str, str]]:
    """Yield the HTTP methods, in lower case, and the paths of a call."""
    rule = http_rule(method)
    for each in (rule, *rule.additional_bindings):
        kind = each.WhichOneof("pattern")
        yield (each.custom.kind.lower(), each.custom.path) if kind == "custom" else (kind, getattr(each, kind))
