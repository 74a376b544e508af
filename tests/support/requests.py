"""Any request of any call, made from the contract itself, so that no new call or field can be forgotten."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from tests.support.service import Client
from videoannotator.v1 import artifacts_pb2, jobs_pb2, pipelines_pb2, system_pb2, tokens_pb2, videos_pb2

MODULES = (videos_pb2, jobs_pb2, artifacts_pb2, pipelines_pb2, system_pb2, tokens_pb2)
METHODS: list[MethodDescriptor] = [
    method
    for module in MODULES
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
NASTY = (
    "\0",
    "x" * 100_000,
    "a\r\nb",
    "../../etc/passwd",
    "'; DROP TABLE jobs; --",
    '$."x"',
    "\u202e\u0301\U0001f600",
    "",
)

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_ENUM: (-1, 200),
}


def send(client: Client, method: MethodDescriptor, request: Message | bytes, timeout: float = 20.0) -> Message | None:
    """Make a call; return its first answer, and hang up after it."""
    kind = ("stream" if method.client_streaming else "unary") + "_" + ("stream" if method.server_streaming else "unary")
    stub = getattr(client.channel, kind)(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message if isinstance(message, bytes) else message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    metadata = (("authorization", f"Bearer {client.token}"),)
    answer = stub(iter([request]) if method.client_streaming else request, metadata=metadata, timeout=timeout)
    if not method.server_streaming:
        return answer
    try:
        return next(answer, None)
    finally:
        answer.cancel()


def complaint(client: Client, method: MethodDescriptor, request: Message | bytes) -> grpc.RpcError | None:
    """Make a call; return the error that it ended with, if it did."""
    try:
        send(client, method, request)
    except grpc.RpcError as error:
        return error
    return None


def new_request(method: MethodDescriptor, **fields: Any) -> Message:
    """Return a request of a call."""
    return message_factory.GetMessageClass(method.input_type)(**fields)


def texts(kind: Descriptor) -> list[FieldDescriptor]:
    """Return the text fields of a message, without those of messages in it."""
    return [field for field in kind.fields if field.type == FieldDescriptor.TYPE_STRING]


def messages(kind: Descriptor, known: dict[str, list[str]]) -> st.SearchStrategy[Message]:
    """Return a strategy for messages; fields named in ``known`` often have one of those values."""
    fields = {field.name: _values(field, known) for field in kind.fields}
    return st.fixed_dictionaries({}, optional=fields).map(
        lambda chosen: message_factory.GetMessageClass(kind)(**_combined(kind, chosen))
    )


def _combined(kind: Descriptor, chosen: dict[str, Any]) -> dict[str, Any]:
    """Keep one field of each oneof."""
    taken: set[str] = set()
    kept = {}
    for name, value in chosen.items():
        oneof = kind.fields_by_name[name].containing_oneof
        if oneof is None or oneof.name not in taken:
            kept[name] = value
            taken |= {oneof.name} if oneof is not None else set()
    return kept


def _values(field: FieldDescriptor, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        return st.dictionaries(_text(), _one(value, known), max_size=3)
    one = _one(field, known)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _one(field: FieldDescriptor, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        return st.deferred(lambda: messages(field.message_type, known))
    if field.cpp_type in _INTEGERS:
        low, high = _INTEGERS[field.cpp_type]
        return st.one_of(st.integers(max(low, -3), 3), st.integers(low, high), st.sampled_from([low, high]))
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return st.floats()
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=100)
    if field.name in known:
        return st.one_of(st.sampled_from(known[field.name]), _text())
    return _text()


def _text() -> st.SearchStrategy[str]:
    return st.one_of(st.text(max_size=20), st.sampled_from(NASTY))
