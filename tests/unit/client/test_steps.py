"""Plans: what they emit, and how they clean up however they are left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Value
from videoannotator_client.settings import ClientSettings
from videoannotator_client.steps import Consult, Emit, Plan, Sleep, Work, tap
from videoannotator_client.transports import AsyncTransport, BlockingTransport

from tests.support.play import Play
from videoannotator.errors import ServiceUnavailableError


class Log(list[Any]):
    """What happened, in order."""

    def plan(self, inner: Callable[[], Plan[str]] | None = None) -> Plan[str]:
        """Emit two values; take a step to clean up."""
        try:
            yield Emit(1)
            if inner:
                yield from inner()
            yield Emit(2)
            return "done"
        except BaseException as error:
            self.append(type(error).__name__)
            raise
        finally:
            yield Work(lambda: self.append("clean"))

    def nested(self) -> Plan[str]:
        return (yield from self.plan(lambda: self.plan()))


@pytest.fixture
def blocking(play: Play) -> BlockingTransport:
    return play.client._transport


@pytest.fixture
def awaiting() -> AsyncTransport:
    return AsyncTransport(ClientSettings("lab:1"), 30.0, "test")


def test_a_plan_emits_and_returns(blocking: BlockingTransport):
    log = Log()
    assert list(blocking.stream(log.nested())) == [1, 1, 2, 2]
    assert blocking.run(log.nested()) == "done"
    assert log == ["clean"] * 4


@pytest.mark.parametrize("seen", [1, 2])
def test_a_plan_that_is_left_cleans_up_at_every_depth(blocking: BlockingTransport, seen: int):
    log = Log()
    values = blocking.stream(tap(log.nested(), log.append, onward=True))
    for _ in range(seen):
        next(values)
    values.close()
    assert log == [1, "Abandoned", "clean"] if seen == 1 else [1, 1, "Abandoned", "clean", "Abandoned", "clean"]
    assert list(values) == []


def test_an_error_of_who_listens_reaches_the_plan_and_comes_back(blocking: BlockingTransport):
    log = Log()

    def hear(_: int) -> None:
        raise ValueError("oops")

    with pytest.raises(ValueError, match="oops"):
        blocking.run(tap(log.plan(), hear))
    assert log == ["ValueError", "clean"]


async def test_an_awaited_plan_that_is_left_cleans_up(awaiting: AsyncTransport):
    log = Log()
    values = awaiting.stream(log.nested())
    assert [await anext(values), await anext(values)] == [1, 1]
    await values.aclose()
    assert log == ["Abandoned", "clean", "Abandoned", "clean"]
    assert [value async for value in awaiting.stream(log.plan())] == [1, 2]


async def test_a_task_that_is_cancelled_lets_its_plan_clean_up(awaiting: AsyncTransport):
    log = Log()

    def slow() -> Plan[str]:
        yield Sleep(60)
        return ""

    task = asyncio.create_task(awaiting.run(log.plan(slow)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["CancelledError", "clean"]


async def test_awaited_work_does_not_hold_the_loop_up(awaiting: AsyncTransport):
    import threading

    def threads() -> Plan[bool]:
        manners = yield Consult()
        assert manners.patience == 30.0
        here = threading.get_ident()
        there = yield Work(threading.get_ident)
        return bool(here != there)

    assert await awaiting.run(threads())


class Failing:
    """A channel on which every call fails as gRPC says it."""

    def unary_unary(self, *_: Any, **__: Any) -> Any:
        async def call(*_: Any, **__: Any) -> Value:
            none = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, none, none, details="gone")

        return call

    unary_stream = stream_unary = unary_unary


async def test_awaited_calls_are_tried_again_for_as_long_as_the_client_is_patient():
    from videoannotator_client.plans.jobs import job

    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    transport = AsyncTransport(
        ClientSettings("lab:1"), 30.0, "test", channel=Failing(), clock=lambda: sum(naps), sleep=nap
    )
    with pytest.raises(ServiceUnavailableError, match="lab:1 does not answer: gone"):
        await transport.run(job("j"))
    assert 30 <= sum(naps) < 40
