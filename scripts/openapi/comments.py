"""The comments of the contract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

_MESSAGE, _ENUM, _SERVICE = 4, 5, 6  # fields of FileDescriptorProto
_FIELD, _NESTED, _VALUE, _METHOD = 2, 3, 2, 2  # fields of the descriptors below


def comments(protos: Path) -> dict[str, str]:
    """Return the comments of all services, calls, messages, fields, enums and values below ``protos`` by full name."""
    found: dict[str, str] = {}
    for file in _described(protos).file:
        texts = {tuple(each.path): " ".join(each.leading_comments.split()) for each in file.source_code_info.location}
        found |= {name: texts[path] for name, path in _named(file) if texts.get(path)}
    return found


def _described(protos: Path) -> descriptor_pb2.FileDescriptorSet:
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "set.binpb"
        includes = (protos, Path(str(files("grpc_tools") / "_proto")))
        sources = sorted(str(path) for path in (protos / "videoannotator").rglob("*.proto"))
        options = ("--include_source_info", "--include_imports", f"--descriptor_set_out={target}")
        if protoc.main(["protoc", *(f"-I{include}" for include in includes), *options, *sources]) != 0:
            raise SystemExit("protoc failed")
        return descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())


def _named(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _messages(file.package, file.message_type, (_MESSAGE,))
    for index, enum in enumerate(file.enum_type):
        name, path = f"{file.package}.{enum.name}", (_ENUM, index)
        yield name, path
        yield from ((f"{name}.{each.name}", (*path, _VALUE, number)) for number, each in enumerate(enum.value))
    for index, service in enumerate(file.service):
        name, path = f"{file.package}.{service.name}", (_SERVICE, index)
        yield name, path
        yield from ((f"{name}.{each.name}", (*path, _METHOD, number)) for number, each in enumerate(service.method))


def _messages(
    prefix: str, messages: Sequence[descriptor_pb2.DescriptorProto], path: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    for index, message in enumerate(messages):
        name, here = f"{prefix}.{message.name}", (*path, index)
        yield name, here
        yield from ((f"{name}.{each.name}", (*here, _FIELD, number)) for number, each in enumerate(message.field))
        yield from _messages(name, message.nested_type, (*here, _NESTED))
