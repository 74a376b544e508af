"""What runs can be stopped, at any moment and in every way, and what was stopped stays stopped."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import psutil
import pytest

from tests.support.history import numbers
from tests.support.service import TERMINAL, Client, Service, eventually, running
from videoannotator.v1 import jobs_pb2, types_pb2

SLOW = {"person_tracking": {"frames_per_second": 25}}


@pytest.fixture(scope="module")
def lone_service(tmp_path_factory: pytest.TempPathFactory):
    """A server with one place, so that a second job waits."""
    with running(tmp_path_factory.mktemp("lone"), VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="1") as service:
        yield service


@pytest.fixture
def lone(lone_service: Service) -> Client:
    return lone_service.client()


@pytest.fixture(scope="module")
def video(lone_service: Service, long_video: Path) -> types_pb2.Video:
    return lone_service.client().upload(long_video)


def cancel(client: Client, job_id: str, reason: str = "") -> types_pb2.Job:
    return client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job_id, reason=reason))


def in_decode(client: Client, job_id: str) -> bool:
    return client.job(job_id).runs[0].units_done > 0


def test_a_running_job_stops_within_five_seconds_and_its_process_is_gone(
    lone_service: Service, lone: Client, video: types_pb2.Video
) -> None:
    job = lone.submit(video.id, "person", config=SLOW)
    eventually(lambda: in_decode(lone, job.id), 30)
    pids = lone_service.worker_pids()
    asked_at = time.monotonic()
    assert cancel(lone, job.id, "wrong family").status == types_pb2.JOB_STATUS_CANCELLING
    ended = lone.wait(job.id)
    assert time.monotonic() - asked_at < 5
    assert ended.status == types_pb2.JOB_STATUS_CANCELLED
    assert ended.cancel_reason == "wrong family"
    assert ended.HasField("cancelled_at")
    assert ended.runs[0].status == types_pb2.RUN_STATUS_CANCELLED
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not list((lone_service.storage / "results").glob("*/*"))
    assert cancel(lone, job.id).status == types_pb2.JOB_STATUS_CANCELLED


@pytest.mark.slow
def test_cancelling_at_any_phase_ends_cancelled_within_five_seconds(
    lone_service: Service, lone: Client, video: types_pb2.Video
) -> None:
    dice = random.Random(11)
    delays = []
    for _ in range(20):
        job = lone.submit(video.id, "person", config=SLOW)
        time.sleep(dice.uniform(0, 2.5))
        asked_at = time.monotonic()
        cancel(lone, job.id)
        assert lone.wait(job.id).status == types_pb2.JOB_STATUS_CANCELLED
        delays.append(time.monotonic() - asked_at)
    assert max(delays) < 5
    assert lone_service.worker_pids() == []


def test_a_waiting_job_is_cancelled_at_once(lone: Client, video: types_pb2.Video) -> None:
    first = lone.submit(video.id, "person", config=SLOW)
    lone.wait_until(first.id, types_pb2.JOB_STATUS_RUNNING)
    second = lone.submit(video.id)
    assert second.queue_position == 1
    assert cancel(lone, second.id).status == types_pb2.JOB_STATUS_CANCELLED
    cancel(lone, first.id)
    lone.wait(first.id)


def test_a_watcher_sees_its_job_move_up_the_queue(lone: Client, video: types_pb2.Video) -> None:
    first = lone.submit(video.id, "person", config=SLOW)
    lone.wait_until(first.id, types_pb2.JOB_STATUS_RUNNING)
    waiting = [lone.submit(video.id) for _ in range(3)]
    watch = lone.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=waiting[2].id))
    assert next(watch).snapshot.queue_position == 3
    cancel(lone, waiting[0].id)
    positions = []
    for event in watch:
        if event.HasField("queue_position"):
            positions.append(event.queue_position.position)
        if positions and positions[-1] == 2:
            break
    urgent = lone.submit(video.id, priority=10)
    assert next(event for event in watch if event.HasField("queue_position")).queue_position.position == 3
    for job in (first, urgent, *waiting[1:]):
        if lone.job(job.id).status not in TERMINAL:
            cancel(lone, job.id)
            lone.wait(job.id)


def _cancel_call(call: grpc.Call, client: Client) -> None:
    call.cancel()


def _close_channel(call: grpc.Call, client: Client) -> None:
    client.close()


@pytest.mark.parametrize("leave", [_cancel_call, _close_channel])
def test_leaving_an_attached_run_cancels_the_job(
    lone_service: Service, lone: Client, video: types_pb2.Video, leave: Callable[[grpc.Call, Client], None]
) -> None:
    attached = lone_service.client()
    request = jobs_pb2.SubmitJobRequest(video_id=video.id, pipelines=["person"])
    events = attached.jobs.RunJob(request)
    job_id = next(events).job_id
    lone.wait_until(job_id, types_pb2.JOB_STATUS_RUNNING)
    leave(events, attached)
    ended = lone.wait(job_id, timeout=10)
    assert ended.status == types_pb2.JOB_STATUS_CANCELLED
    assert ended.cancel_reason == "the attached client went away"


def test_a_deadline_of_an_attached_run_cancels_the_job(lone: Client, video: types_pb2.Video) -> None:
    request = jobs_pb2.SubmitJobRequest(video_id=video.id, pipelines=["person"])
    events = lone.jobs.RunJob(request, timeout=1.5)
    job_id = next(events).job_id
    with pytest.raises(grpc.RpcError) as error:
        list(events)
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert lone.wait(job_id, timeout=10).status == types_pb2.JOB_STATUS_CANCELLED


def test_an_attached_run_to_the_end_completes(lone: Client, short_video: Path) -> None:
    video = lone.upload(short_video)
    events = list(lone.jobs.RunJob(jobs_pb2.SubmitJobRequest(video_id=video.id, pipelines=["scene"])))
    assert events[-1].terminal.job.status == types_pb2.JOB_STATUS_COMPLETED
    assert lone.job(events[-1].job_id).status == types_pb2.JOB_STATUS_COMPLETED


def test_closing_a_watch_leaves_the_job_alone(lone: Client, video: types_pb2.Video) -> None:
    job = lone.submit(video.id, "person", config=SLOW)
    lone.wait_until(job.id, types_pb2.JOB_STATUS_RUNNING)
    watch = lone.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id))
    next(watch)
    watch.cancel()
    time.sleep(0.5)
    assert lone.job(job.id).status == types_pb2.JOB_STATUS_RUNNING
    cancel(lone, job.id)
    lone.wait(job.id)


def test_deleting_by_force_stops_waits_and_deletes(lone_service: Service, lone: Client, video: types_pb2.Video) -> None:
    job = lone.submit(video.id, "person", config=SLOW)
    lone.wait_until(job.id, types_pb2.JOB_STATUS_RUNNING)
    with pytest.raises(grpc.RpcError) as error:
        lone.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id))
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    lone.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id, force=True))
    with pytest.raises(grpc.RpcError):
        lone.job(job.id)
    assert not (lone_service.storage / "results" / job.id).exists()


def test_a_cancelled_job_can_be_retried_to_success(lone: Client, short_video: Path) -> None:
    video = lone.upload(short_video)
    blocker = lone.submit(video.id, "person")
    job = lone.submit(video.id)
    cancel(lone, job.id)
    retried = lone.jobs.RetryJob(jobs_pb2.RetryJobRequest(job_id=job.id))
    assert retried.status == types_pb2.JOB_STATUS_PENDING
    ended = lone.wait(job.id)
    assert ended.status == types_pb2.JOB_STATUS_COMPLETED
    story = list(lone.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id, after_sequence=0)))
    assert numbers(story) == [event.sequence for event in story[1:]] == list(range(1, len(story)))
    assert [event.WhichOneof("event") for event in story].count("terminal") == 1
    lone.wait(blocker.id)
