"""Fakes of what the command line talks to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc
import pytest
import tenacity
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status


class CallError(grpc.RpcError, grpc.Call):
    """What a stub raises."""

    def __init__(self, status: grpc.StatusCode, text: str = "", details: Sequence[Message] = ()) -> None:
        super().__init__()
        self._status, self._text = status, text
        packed = []
        for each in details:
            entry = AnyMessage()
            entry.Pack(each)
            packed.append(entry)
        message = Status(code=status.value[0], message=text, details=packed)
        self._trailers = [("grpc-status-details-bin", message.SerializeToString())] if packed else []

    def code(self) -> grpc.StatusCode:
        return self._status

    def details(self) -> str:
        return self._text

    def trailing_metadata(self) -> Any:
        return self._trailers

    initial_metadata = trailing_metadata

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> None:
        return None

    def cancel(self) -> None:
        return None

    def add_callback(self, callback: object) -> bool:
        return False


@pytest.fixture
def call_error() -> type[CallError]:
    return CallError


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; the waits are written down."""
    taken: list[float] = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", taken.append)
    return taken
