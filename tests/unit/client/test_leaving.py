"""Calls that are left early end, however they are left, and nothing that they opened stays open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from videoannotator_client import AsyncClient, AsyncConnection, Client, Connection
from videoannotator_client._async import runtime as awaiting
from videoannotator_client._sync import runtime as blocking
from videoannotator_client.retries import RetryConfig
from videoannotator_client.settings import ClientSettings

from tests.support.play import Play
from videoannotator.errors import ServiceUnavailableError
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job, JobStatus

SETTINGS = ClientSettings("lab:1")


def snapshot(sequence: int = 1) -> JobEvent:
    return JobEvent(job_id="j", sequence=sequence, snapshot=Job(id="j", status=JobStatus.JOB_STATUS_RUNNING))


class Call:
    """An awaited call with many answers, which waits for more after the last of them."""

    def __init__(self, *answers: Message) -> None:
        self._answers = answers
        self.cancelled = False

    async def __aiter__(self) -> AsyncIterator[Message]:
        for answer in self._answers:
            yield answer
        await asyncio.Event().wait()

    def cancel(self) -> None:
        self.cancelled = True


class Channel:
    """An awaited channel: a call with many answers is ``call``, every other one fails as gRPC says it."""

    def __init__(self, call: Call | None = None) -> None:
        self._call = call

    def unary_stream(self, *_: Any, **__: Any) -> Any:
        return lambda *_, **__: self._call

    def unary_unary(self, *_: Any, **__: Any) -> Any:
        async def call(*_: Any, **__: Any) -> None:
            none = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, none, none, details="gone")

        return call

    stream_unary = unary_unary


def client_over(channel: Channel) -> AsyncClient:
    return AsyncClient.over(AsyncConnection(SETTINGS, RetryConfig(), channel=channel))


@pytest.mark.parametrize("act", ["wait", "watch", "run"])
def test_an_error_of_the_callers_own_code_ends_the_call_and_comes_back(play: Play, act: str):
    def fail(_: object) -> None:
        raise ValueError("oops")

    def follow(client: Client) -> object:
        if act == "wait":
            return client.wait("j", on_event=fail)
        if act == "watch":
            return list(client.watch("j", progress=fail))
        return client.run(video_id="v", pipelines="scene", progress=fail).__enter__()

    future = play.start(follow)
    _, stream = play.stream("RunJob" if act == "run" else "WatchJob")
    event = snapshot()
    event.snapshot.runs.add(pipeline="scene")
    stream.send(event)
    stream.await_cancellation()
    with pytest.raises(ValueError, match="oops"):
        future.result()


def test_a_watch_that_is_not_read_further_is_closed_with_its_iterator(play: Play):
    def look(client: Client) -> int:
        return next(event.sequence for event in client.watch("j"))

    future = play.start(look)
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4))
    stream.await_cancellation()
    assert future.result() == 4


async def test_an_awaited_watch_that_is_left_ends_its_call():
    call = Call(snapshot(1), snapshot(2))
    events = client_over(Channel(call)).watch("j")
    assert [(await anext(events)).sequence, (await anext(events)).sequence] == [1, 2]
    assert not call.cancelled
    await events.aclose()
    assert call.cancelled
    assert [event async for event in events] == []


async def test_a_task_that_is_cancelled_ends_its_call():
    call = Call(snapshot())
    heard = asyncio.Event()
    task = asyncio.create_task(client_over(Channel(call)).wait("j", on_event=lambda _: heard.set()))
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert call.cancelled


async def test_awaited_calls_are_tried_again_for_as_long_as_the_client_is_patient():
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    retries = RetryConfig(30.0, clock=lambda: sum(naps))
    client = AsyncClient.over(AsyncConnection(SETTINGS, retries, channel=Channel(), sleep=nap))
    with pytest.raises(ServiceUnavailableError, match="lab:1 does not answer: gone"):
        await client.job("j")
    assert 30 <= sum(naps) < 40


async def test_awaited_work_with_files_does_not_hold_the_loop_up():
    assert await awaiting.run_blocking(threading.get_ident) != threading.get_ident()
    assert blocking.run_blocking(threading.get_ident) == threading.get_ident()


async def test_awaited_requests_are_made_outside_the_loop():
    makers = []

    def requests() -> Iterator[int]:
        for number in range(3):
            makers.append(threading.get_ident())
            yield number

    async def rpc(messages: AsyncIterator[int], metadata: object) -> list[int]:
        return [message async for message in messages]

    assert await awaiting.send(rpc, requests(), ()) == [0, 1, 2]
    assert threading.get_ident() not in makers


def test_threads_that_share_a_client_share_its_channel():
    connection = Connection(SETTINGS, RetryConfig())
    found = []
    threads = [threading.Thread(target=lambda: found.append(connection.stubs)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection.close()
    assert len(set(map(id, found))) == 1
