"""A client whose server is the test: calls go through gRPC's fake channel, time through its fake clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import grpc
import grpc_testing
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from videoannotator_client import Client, Connection
from videoannotator_client.retries import RetryConfig
from videoannotator_client.settings import ClientSettings

from tests.support.requests import METHODS, MODULES
from videoannotator.v1.errors_pb2 import ErrorEnvelope

_METHODS = {method.name: method for method in METHODS}
PATIENCE = 30.0


class Play:
    """``client`` acts in a thread of its own, started by `start`; the test takes its calls and answers them."""

    def __init__(self) -> None:
        services = [each for module in MODULES for each in module.DESCRIPTOR.services_by_name.values()]
        self.time = grpc_testing.strict_fake_time(0.0)
        self.channel = grpc_testing.channel(services, self.time)
        self.naps: list[float] = []
        self.metadata: Any = ()
        self.client = Client.over(
            Connection(
                ClientSettings("lab:1", "va_secret"),
                RetryConfig(PATIENCE, self.time.time),
                "test",
                channel=self.channel,
                sleep=self._nap,
            )
        )

    def start(self, act: Callable[[Client], Any]) -> Future[Any]:
        """Let the client act."""
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(act(self.client))
            except BaseException as error:  # noqa: BLE001 - the test gets it
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future

    def answer(self, name: str, message: Message | None = None) -> Any:
        """Take a call with one question, answer it, and return the question."""
        self.metadata, request, rpc = self.channel.take_unary_unary(_METHODS[name])
        rpc.terminate(message, (), grpc.StatusCode.OK, "")
        return request

    def refuse(self, name: str, status: str, envelope: ErrorEnvelope | None = None, *details: Message) -> Any:
        """Take a call with one question, refuse it, and return the question."""
        _, request, rpc = self.channel.take_unary_unary(_METHODS[name])
        rpc.terminate(None, *termination(status, [envelope, *details] if envelope else details))
        return request

    def refuse_for_ever(self, name: str, status: str) -> None:
        """Refuse every call from now on."""
        refuse = (lambda: self.stream(name)[1].fail(status)) if method(name).server_streaming else None

        def work() -> None:
            while True:
                refuse() if refuse else self.refuse(name, status)

        threading.Thread(target=work, daemon=True).start()

    def stream(self, name: str) -> tuple[Any, Stream]:
        """Take a call with many answers; return its question, and a way to answer."""
        self.metadata, request, rpc = self.channel.take_unary_stream(_METHODS[name])
        return request, Stream(rpc)

    def upload(self, name: str) -> Any:
        """Take a call with many questions and return it."""
        return self.channel.take_stream_unary(_METHODS[name])[1]

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time.sleep_for(seconds)


class Stream:
    """The server's end of a call with many answers."""

    def __init__(self, rpc: Any) -> None:
        self._rpc = rpc

    def send(self, *messages: Message) -> None:
        for message in messages:
            self._rpc.send_response(message)

    def end(self) -> None:
        self._rpc.terminate((), grpc.StatusCode.OK, "")

    def fail(self, status: str, *details: Message) -> None:
        """End with an error, when the client has taken all that was sent."""
        while self._rpc._rpc_state._responses:
            time.sleep(0.001)
        self._rpc.terminate(*termination(status, details))

    def await_cancellation(self) -> None:
        self._rpc.cancelled()


def termination(status: str, details: Sequence[Message]) -> tuple[Any, grpc.StatusCode, str]:
    """Return the trailers, the code and the text of a call that ends with ``status``."""
    code = grpc.StatusCode[status]
    packed = [AnyMessage() for _ in details]
    for entry, each in zip(packed, details, strict=True):
        entry.Pack(each)
    whole = Status(code=code.value[0], message="text", details=packed)
    return ((("grpc-status-details-bin", whole.SerializeToString()),) if packed else ()), code, "text"


def retry_after(seconds: float) -> RetryInfo:
    """Return what a server adds to an error that may pass."""
    info = RetryInfo()
    info.retry_delay.FromMilliseconds(int(1000 * seconds))
    return info


def method(name: str) -> MethodDescriptor:
    """Return a call of the contract."""
    return _METHODS[name]
