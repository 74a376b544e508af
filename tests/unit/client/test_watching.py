"""Following a job across lost connections, without missing or repeating an event."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue

import pytest
from videoannotator_client._sync.watching import PATIENCE

from tests.support.play import PATIENCE as CLIENT_PATIENCE
from tests.support.play import Play
from videoannotator.errors import JobCancelledError, PipelineFailedError, ServiceUnavailableError, UnauthorizedError
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import Job, JobStatus

LOST = 0


def log(sequence: int) -> JobEvent:
    event = JobEvent(job_id="j", sequence=sequence)
    event.log.message = str(sequence)
    return event


def snapshot(sequence: int) -> JobEvent:
    return JobEvent(job_id="j", sequence=sequence, snapshot=Job(id="j", status=JobStatus.JOB_STATUS_RUNNING))


def terminal(sequence: int, status: int = JobStatus.JOB_STATUS_COMPLETED, code: str = "") -> JobEvent:
    event = JobEvent(job_id="j", sequence=sequence)
    event.terminal.job.id = "j"
    event.terminal.job.status = status
    if code:
        event.terminal.job.error.code = code
    return event


class Watcher:
    """Follows a job in the play and keeps what it heard, lost connections as 0."""

    def __init__(self, play: Play, **options: object) -> None:
        self.heard: list[int] = []
        self.future = play.start(lambda client: self._follow(client.watch("j", on_lost=self._lost, **options)))

    def _follow(self, events: Iterator[JobEvent]) -> list[int]:
        for event in events:
            self.heard.append(event.sequence)
        return self.heard

    def _lost(self) -> None:
        self.heard.append(LOST)


def test_a_watch_ends_with_the_terminal_event(play: Play):
    watcher = Watcher(play)
    request, stream = play.stream("WatchJob")
    assert not request.HasField("after_sequence")
    stream.send(snapshot(4), log(5), terminal(6))
    assert watcher.future.result() == [4, 5, 6]


def test_a_lost_watch_resumes_after_the_last_event(play: Play):
    watcher = Watcher(play)
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4), log(5))
    stream.fail("UNAVAILABLE")
    for _ in range(2):
        request, stream = play.stream("WatchJob")
        assert request.after_sequence == 5
        stream.fail("UNAVAILABLE")
    request, stream = play.stream("WatchJob")
    assert request.after_sequence == 5
    stream.send(snapshot(5), log(6), terminal(7))
    assert watcher.future.result() == [4, 5, LOST, LOST, 5, 6, 7]
    assert len(play.naps) == 3


def test_a_stream_that_ends_too_early_is_a_lost_one(play: Play):
    watcher = Watcher(play, after=0)
    request, stream = play.stream("WatchJob")
    assert request.HasField("after_sequence")
    stream.send(snapshot(4))
    stream.end()
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4), terminal(5))
    assert watcher.future.result() == [4, LOST, 4, 5]


@pytest.mark.parametrize(("after", "patience"), [(None, CLIENT_PATIENCE), (9, PATIENCE)])
def test_a_server_that_answered_before_is_waited_for_longer(play: Play, after: int | None, patience: float):
    watcher = Watcher(play, after=after)
    play.refuse_for_ever("WatchJob", "UNAVAILABLE")
    with pytest.raises(ServiceUnavailableError):
        watcher.future.result()
    assert patience <= play.time.time() < patience + 10


def test_another_error_ends_the_watch(play: Play):
    watcher = Watcher(play)
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4))
    stream.fail("UNAUTHENTICATED")
    with pytest.raises(UnauthorizedError):
        watcher.future.result()


def test_a_watch_that_is_left_is_closed(play: Play):
    def look(client: object) -> None:
        events = client.watch("j")
        next(events)
        events.close()

    future = play.start(look)
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4))
    stream.await_cancellation()
    assert future.result() is None


def test_waiting_ends_with_the_time_it_has(play: Play):
    future = play.start(lambda client: client.wait("j", timeout=5))
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(4))
    stream.fail("DEADLINE_EXCEEDED")
    with pytest.raises(TimeoutError, match="The job j has not ended after 5 s; it goes on"):
        future.result()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (JobStatus.JOB_STATUS_FAILED, "PIPELINE_FAILED", PipelineFailedError),
        (JobStatus.JOB_STATUS_CANCELLED, "", JobCancelledError),
    ],
)
def test_waiting_raises_the_error_of_the_job_unless_told_otherwise(play: Play, status, code, kind):
    for check in (True, False):
        future = play.start(lambda client, check=check: client.wait("j", check=check))
        play.stream("WatchJob")[1].send(terminal(9, status, code))
        if check:
            with pytest.raises(kind) as caught:
                future.result()
            assert caught.value.detail["job_id"] == "j"
        else:
            assert future.result().status == status


class Runner:
    """Runs a job in the play; leaves it when told to."""

    def __init__(self, play: Play) -> None:
        self.events: Queue[int] = Queue()
        self.leave_at = 10**9
        self.future = play.start(self._run)

    def _run(self, client: object) -> Job:
        with client.run(video_id="v", pipelines=["scene"], on_lost=lambda: self.events.put(LOST)) as run:
            for event in run:
                self.events.put(event.sequence)
                if event.sequence >= self.leave_at:
                    break
        return run.job


def test_a_run_ends_with_its_job(play: Play):
    runner = Runner(play)
    request, stream = play.stream("RunJob")
    assert (request.video_id, list(request.pipelines)) == ("v", ["scene"])
    stream.send(snapshot(1), log(2), terminal(3))
    assert runner.future.result().status == JobStatus.JOB_STATUS_COMPLETED
    assert [runner.events.get() for _ in range(3)] == [1, 2, 3]


def test_leaving_a_run_early_closes_its_call_cancels_the_job_and_waits_for_its_end(play: Play):
    runner = Runner(play)
    runner.leave_at = 2
    _, stream = play.stream("RunJob")
    stream.send(snapshot(1), log(2))
    stream.await_cancellation()
    assert play.answer("CancelJob", Job(id="j")).job_id == "j"
    play.stream("WatchJob")[1].send(snapshot(3), terminal(4, JobStatus.JOB_STATUS_CANCELLED))
    assert runner.future.result().status == JobStatus.JOB_STATUS_CANCELLED


def test_a_run_whose_connection_is_lost_is_watched_to_its_end(play: Play):
    runner = Runner(play)
    _, stream = play.stream("RunJob")
    stream.send(snapshot(1), log(2))
    stream.fail("UNAVAILABLE")
    request, stream = play.stream("WatchJob")
    assert request.after_sequence == 2
    stream.send(snapshot(2), terminal(3))
    runner.future.result()
    assert [runner.events.get() for _ in range(5)] == [1, 2, LOST, 2, 3]


def test_leaving_a_run_that_is_only_watched_cancels_the_job(play: Play):
    runner = Runner(play)
    runner.leave_at = 5
    _, stream = play.stream("RunJob")
    stream.send(snapshot(1), log(2))
    stream.fail("UNAVAILABLE")
    _, stream = play.stream("WatchJob")
    stream.send(snapshot(2), log(5))
    stream.await_cancellation()
    assert play.answer("CancelJob", Job(id="j")).reason
    play.stream("WatchJob")[1].send(terminal(6, JobStatus.JOB_STATUS_CANCELLED))
    assert runner.future.result().status == JobStatus.JOB_STATUS_CANCELLED


def test_a_run_that_is_refused_is_not_watched(play: Play):
    runner = Runner(play)
    play.stream("RunJob")[1].fail("UNAVAILABLE")
    with pytest.raises(ServiceUnavailableError):
        runner.future.result()


def test_a_job_that_cannot_be_cancelled_does_not_hide_why_the_run_was_left(play: Play):
    def fail(client: object) -> None:
        with client.run(video_id="v", pipelines=["scene"]):
            raise ValueError("oops")

    future = play.start(fail)
    play.stream("RunJob")[1].send(snapshot(1))
    play.refuse("CancelJob", "UNAUTHENTICATED")
    with pytest.raises(ValueError, match="oops") as caught:
        future.result()
    assert "may go on" in caught.value.__notes__[0]
