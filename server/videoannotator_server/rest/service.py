"""RestService: derived from the native services by name, but for the calls that are written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import grpc
from google.api import httpbody_pb2
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from videoannotator.rest.v1 import rest_pb2
from videoannotator.v1 import jobs_pb2
from videoannotator_server.context import Context, Handler
from videoannotator_server.rest import events
from videoannotator_server.rest.responses import reply, serialize

REST: ServiceDescriptor = rest_pb2.DESCRIPTOR.services_by_name["RestService"]
_MAKES = ("Create", "Submit")
"""What the names of calls begin with that answer 201."""

Behaviour = Callable[[Any, Context], Any]


class GrpcService:
    """A native service and the servicer that does its work."""

    def __init__(self, service: ServiceDescriptor, servicer: object) -> None:
        self._service = service
        self._servicer = servicer

    def twin(self, method: MethodDescriptor) -> MethodDescriptor | None:
        """Return the native call with the name and the request of a REST call."""
        native = self._service.methods_by_name.get(method.name)
        alike = native is not None and native.input_type is method.input_type and not native.client_streaming
        return native if alike else None

    def behaviour(self, name: str) -> Behaviour:
        """Return what a call does."""
        found: Behaviour = getattr(self._servicer, name)
        return found


def handlers(grpc_services: Iterable[GrpcService], by_hand: Iterable[object]) -> grpc.GenericRpcHandler:
    """Return the handlers of every call of RestService.

    Raises:
        TypeError: A call is neither written by hand nor can it be derived.
    """
    grpc_services, by_hand = tuple(grpc_services), tuple(by_hand)
    found = {method.name: _handler(method, _behaviour(method, grpc_services, by_hand)) for method in REST.methods}
    return grpc.method_handlers_generic_handler(REST.full_name, found)


def _behaviour(method: MethodDescriptor, grpc_services: Iterable[GrpcService], by_hand: Iterable[object]) -> Behaviour:
    for servicer in by_hand:
        if hasattr(servicer, method.name):
            written: Behaviour = getattr(servicer, method.name)
            return written
    for native in grpc_services:
        if twin := native.twin(method):
            return _derived(twin, native.behaviour(method.name))
    raise TypeError(f"no native call has the name and the request of {method.full_name}, and it is not written by hand")


def _derived(twin: MethodDescriptor, call: Behaviour) -> Behaviour:
    if not twin.server_streaming:
        status = 201 if twin.name.startswith(_MAKES) else 200

        async def answer(request: Any, context: Context) -> httpbody_pb2.HttpBody:
            return await reply(context, await call(request, context), status)

        return answer
    if twin.output_type is not jobs_pb2.JobEvent.DESCRIPTOR:
        raise TypeError(f"only streams of events can be derived, and {twin.full_name} is none")

    async def watch(request: Any, context: Context) -> AsyncIterator[httpbody_pb2.HttpBody]:
        point = events.resume_point(context)
        if point is not None and "after_sequence" in request.DESCRIPTOR.fields_by_name:
            request.after_sequence = point
        async for piece in events.stream(call(request, context), context, resumed=point is not None):
            yield piece

    return watch


def _handler(method: MethodDescriptor, behaviour: Behaviour) -> Handler:
    make = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
    }[method.client_streaming, method.server_streaming]
    return make(
        behaviour,
        request_deserializer=message_factory.GetMessageClass(method.input_type).FromString,
        response_serializer=serialize,
    )
