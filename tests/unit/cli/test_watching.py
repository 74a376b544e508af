"""Following a job across lost connections, without missing or repeating an event."""

from __future__ import annotations

from types import SimpleNamespace

import grpc
import pytest

from videoannotator.cli import watching
from videoannotator.v1.jobs_pb2 import JobEvent, SubmitJobRequest
from videoannotator.v1.types_pb2 import Job


def log(sequence: int) -> JobEvent:
    event = JobEvent(job_id="j", sequence=sequence)
    event.log.message = str(sequence)
    return event


def snapshot(sequence: int) -> JobEvent:
    return JobEvent(job_id="j", sequence=sequence, snapshot=Job(id="j"))


def terminal(sequence: int) -> JobEvent:
    event = JobEvent(job_id="j", sequence=sequence)
    event.terminal.job.id = "j"
    return event


class Call:
    """A stream that a test wrote: events, and perhaps an error."""

    def __init__(self, script) -> None:
        self._script = iter(script)
        self.cancelled = False

    def __iter__(self):
        return self

    def __next__(self):
        entry = next(self._script)
        if isinstance(entry, BaseException):
            raise entry
        return entry

    def cancel(self) -> None:
        self.cancelled = True


class Server:
    def __init__(self, *watches, run=()) -> None:
        self._watches = list(watches)
        self.run_call = Call(run)
        self.asked = []
        self.cancelled = []

    def WatchJob(self, request, timeout=None):
        self.asked.append(request.after_sequence if request.HasField("after_sequence") else None)
        return Call(self._watches.pop(0))

    def RunJob(self, request):
        return self.run_call

    def CancelJob(self, request):
        self.cancelled.append(request.job_id)


@pytest.fixture
def lost() -> list[int]:
    return []


def connection(server: Server) -> SimpleNamespace:
    return SimpleNamespace(jobs=server)


def sequences(events) -> list[int]:
    return [event.sequence for event in events]


def test_a_watch_ends_with_the_terminal_event(lost):
    server = Server([snapshot(4), log(5), terminal(6)])
    assert sequences(watching.watch(connection(server), "j", lambda: lost.append(1))) == [4, 5, 6]
    assert (server.asked, lost) == ([None], [])


def test_a_lost_watch_resumes_after_the_last_event(call_error, naps, lost):
    gone = call_error(grpc.StatusCode.UNAVAILABLE)
    server = Server([snapshot(4), log(5), gone], [gone], [snapshot(5), log(6), terminal(7)])
    assert sequences(watching.watch(connection(server), "j", lambda: lost.append(1))) == [4, 5, 5, 6, 7]
    assert server.asked == [None, 5, 5]
    assert lost


def test_a_stream_that_ends_too_early_is_a_lost_one(naps, lost):
    server = Server([snapshot(4)], [snapshot(4), terminal(5)])
    assert sequences(watching.watch(connection(server), "j", lambda: lost.append(1))) == [4, 4, 5]


def test_a_server_that_never_answered_is_not_waited_for(call_error, lost):
    server = Server([call_error(grpc.StatusCode.UNAVAILABLE)])
    with pytest.raises(grpc.RpcError):
        list(watching.watch(connection(server), "j", lambda: lost.append(1)))
    assert server.asked == [None]


def test_another_error_ends_the_watch(call_error, lost):
    server = Server([snapshot(4), call_error(grpc.StatusCode.UNAUTHENTICATED)])
    with pytest.raises(grpc.RpcError):
        list(watching.watch(connection(server), "j", lambda: lost.append(1)))


def test_leaving_a_run_early_cancels_its_call(lost):
    server = Server(run=[snapshot(1), log(2), log(3)])
    events = watching.run(connection(server), SubmitJobRequest(), lambda: lost.append(1))
    next(events)
    events.close()
    assert server.run_call.cancelled


def test_a_run_whose_connection_is_lost_is_watched_to_its_end(call_error, naps, lost):
    server = Server([snapshot(2), terminal(3)], run=[snapshot(1), log(2), call_error(grpc.StatusCode.UNAVAILABLE)])
    assert sequences(watching.run(connection(server), SubmitJobRequest(), lambda: lost.append(1))) == [1, 2, 2, 3]
    assert server.asked == [2]
    assert lost == [1]


def test_leaving_a_run_that_is_only_watched_cancels_the_job(call_error, naps, lost):
    server = Server([snapshot(2), log(3)], run=[snapshot(1), log(2), call_error(grpc.StatusCode.UNAVAILABLE)])
    events = watching.run(connection(server), SubmitJobRequest(), lambda: lost.append(1))
    for _ in range(3):
        next(events)
    events.close()
    assert server.cancelled == ["j"]


def test_a_run_that_is_refused_is_not_watched(call_error, lost):
    server = Server(run=[call_error(grpc.StatusCode.UNAVAILABLE)])
    with pytest.raises(grpc.RpcError):
        list(watching.run(connection(server), SubmitJobRequest(), lambda: lost.append(1)))
    assert server.asked == []
