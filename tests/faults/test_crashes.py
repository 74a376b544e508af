"""kill -9 at the worst moments: no accepted video and no job is lost, and every result is committed exactly once."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import grpc
import psutil
import pytest

from tests.support.history import is_history
from tests.support.service import TERMINAL, Client, Service, chunks, envelope, eventually, sha256
from videoannotator.crash_points import VARIABLE
from videoannotator.v1 import artifacts_pb2, jobs_pb2, types_pb2, videos_pb2

pytestmark = pytest.mark.timeout(300)
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
"""How many times as long the random tests go on; more than 1 for a soak."""
SLOW = {"person_tracking": {"frames_per_second": 25}}


def assert_results_whole(service: Service, client: Client, job_id: str) -> None:
    """Every artifact has its checksum, and nothing that no artifact names lies in the results."""
    artifacts = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=job_id)).artifacts
    assert artifacts
    for artifact in artifacts:
        stream = client.artifacts.DownloadArtifact(artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id))
        assert sha256(b"".join(chunk.data for chunk in stream)) == artifact.sha256
    assert len(list((service.storage / "results" / job_id).iterdir())) == 1


@pytest.mark.slow
def test_workers_killed_at_random_cost_no_job(service: Service, short_video: Path) -> None:
    client = service.client()
    video = client.upload(short_video)
    jobs = [client.submit(video.id, "scene", "person") for _ in range(12 * ROUNDS)]
    dice = random.Random(3)
    kills = 0
    while kills < 12 * ROUNDS and any(client.job(job.id).status not in TERMINAL for job in jobs):
        time.sleep(dice.uniform(0.2, 1.2))
        pids = service.worker_pids()
        if pids:
            os.kill(dice.choice(pids), signal.SIGKILL)
            kills += 1
    ended = [client.wait(job.id) for job in jobs]
    assert kills > 3
    assert sum(job.attempt - 1 for job in ended) <= kills
    for job in ended:
        if job.status == types_pb2.JOB_STATUS_FAILED:
            assert (job.error.code, job.attempt) == ("WORKER_CRASHED", 3)
        else:
            assert job.status == types_pb2.JOB_STATUS_COMPLETED
            assert_results_whole(service, client, job.id)


def test_a_job_that_kills_its_worker_three_times_fails_as_the_cause(service: Service, long_video: Path) -> None:
    client = service.client()
    job = client.submit(client.upload(long_video).id, "person", config=SLOW)
    for attempt in (1, 2, 3):
        eventually(lambda attempt=attempt: _decoding(client, job.id, attempt), 30)
        for pid in service.worker_pids():
            os.kill(pid, signal.SIGKILL)
    ended = client.wait(job.id)
    assert ended.status == types_pb2.JOB_STATUS_FAILED
    assert ended.error.code == "WORKER_CRASHED"
    assert "SIGKILL" in ended.error.message
    assert ended.runs[0].status == types_pb2.RUN_STATUS_FAILED


def _decoding(client: Client, job_id: str, attempt: int) -> bool:
    job = client.job(job_id)
    return job.attempt == attempt and job.status == types_pb2.JOB_STATUS_RUNNING and job.runs[0].units_done > 0


def test_a_stopped_worker_loses_its_lease_and_its_job_is_run_again(tmp_path: Path, long_video: Path) -> None:
    service = Service(tmp_path / "storage", VIDEOANNOTATOR_LEASE_DURATION="2").start()
    try:
        client = service.client()
        job = client.submit(client.upload(long_video).id, "person", config=SLOW)
        eventually(lambda: _decoding(client, job.id, 1), 30)
        (pid,) = service.worker_pids()
        os.kill(pid, signal.SIGSTOP)
        eventually(lambda: client.job(job.id).attempt == 2, 15)
        assert not psutil.pid_exists(pid)
        client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
        assert client.wait(job.id).status == types_pb2.JOB_STATUS_CANCELLED
    finally:
        service.close()


@pytest.mark.slow
def test_servers_killed_at_random_lose_no_job_no_event_and_no_byte(service: Service, short_video: Path) -> None:
    data = short_video.read_bytes()
    client = service.client()
    video = client.upload(short_video)
    jobs = [client.submit(video.id, "scene", "person").id for _ in range(4)]
    upload = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="slow.mp4", size_bytes=len(data)))
    seen: dict[str, list[int]] = {job_id: [] for job_id in jobs}
    dice = random.Random(5)
    for _ in range(8 * ROUNDS):
        client = service.client()
        start = client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=upload.id)).committed_bytes
        stop = min(len(data) - 1, start + 1000)
        client.videos.WriteVideo(chunks(upload.id, data[:stop], start))
        _watch_for(client, seen, dice.uniform(0.1, 1.0))
        service.kill()
        service.start()
    client = service.client()
    start = client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=upload.id)).committed_bytes
    assert client.videos.WriteVideo(chunks(upload.id, data, start)).sha256 == sha256(data)
    for job_id in jobs:
        after = seen[job_id][-1] if seen[job_id] else 0
        request = jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=after)
        events = list(client.jobs.WatchJob(request, timeout=100))
        seen[job_id] += _told(events, after)
        ended = events[-1].terminal.job
        assert seen[job_id] == list(range(1, len(seen[job_id]) + 1))
        if ended.status == types_pb2.JOB_STATUS_COMPLETED:
            assert_results_whole(service, client, job_id)
        else:
            assert ended.error.code == "WORKER_CRASHED"


def _told(events: list[jobs_pb2.JobEvent], after: int) -> list[int]:
    """Return the sequences that are news; a watch that resumes after the end has only the end to repeat."""
    return [
        event.sequence
        for event in events
        if is_history(event) and not (event.HasField("terminal") and event.sequence == after)
    ]


def _watch_for(client: Client, seen: dict[str, list[int]], seconds: float) -> None:
    """Follow every job for a while, resuming where the last watch broke off."""
    deadline = time.monotonic() + seconds
    for job_id, sequences in seen.items():
        after = sequences[-1] if sequences else 0
        request = jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=after)
        try:
            for event in client.jobs.WatchJob(request, timeout=max(0.05, deadline - time.monotonic())):
                sequences += _told([event], after)
        except grpc.RpcError as error:
            if error.code() not in {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE}:
                raise


def test_no_worker_outlives_a_killed_server(service: Service, long_video: Path) -> None:
    client = service.client()
    job = client.submit(client.upload(long_video).id, "person", config=SLOW)
    eventually(lambda: _decoding(client, job.id, 1), 30)
    pids = service.worker_pids()
    assert pids
    service.kill()
    eventually(lambda: not any(_alive(pid) for pid in pids), 5)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("point", ["upload-before-sync", "upload-after-sync", "upload-before-ready"])
def test_a_power_cut_while_a_video_arrives_costs_at_most_what_was_not_promised(
    tmp_path: Path, short_video: Path, point: str
) -> None:
    data = short_video.read_bytes()
    service = Service(tmp_path / "storage").start(**{VARIABLE: point})
    try:
        client = service.client()
        video = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=len(data)))
        with pytest.raises(grpc.RpcError):
            client.videos.WriteVideo(chunks(video.id, data))
        service.process.wait(60)
        service.start()
        client = service.client()
        start = client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=video.id)).committed_bytes
        assert start == (len(data) if point == "upload-before-ready" else 0)
        finished = client.videos.WriteVideo(chunks(video.id, data, start))
        assert finished.state == types_pb2.VIDEO_STATE_READY
        assert finished.sha256 == sha256(data)
    finally:
        service.close()


COMMIT_POINTS = ("claim-after", "results-before-rename", "results-after-rename", "commit-before", "commit-after")


@pytest.mark.parametrize("point", COMMIT_POINTS)
def test_a_power_cut_around_the_commit_neither_loses_nor_doubles_results(
    tmp_path: Path, short_video: Path, point: str
) -> None:
    service = Service(tmp_path / "storage").start(**{VARIABLE: point})
    try:
        client = service.client()
        job = client.submit(client.upload(short_video).id)
        service.process.wait(60)
        assert service.process.returncode == -signal.SIGKILL
        service.start()
        client = service.client()
        ended = client.wait(job.id)
        assert ended.status == types_pb2.JOB_STATUS_COMPLETED
        assert ended.attempt == (1 if point == "commit-after" else 2)
        assert_results_whole(service, client, job.id)
    finally:
        service.close()


def test_a_cancellation_survives_the_death_of_the_server(service: Service, long_video: Path) -> None:
    client = service.client()
    job = client.submit(client.upload(long_video).id, "person", config=SLOW)
    eventually(lambda: _decoding(client, job.id, 1), 30)
    (pid,) = service.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
    service.kill()
    service.start()
    assert service.client().wait(job.id).status == types_pb2.JOB_STATUS_CANCELLED


def test_sigterm_while_idle_takes_a_second(service: Service) -> None:
    started = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - started < 2


def test_sigterm_requeues_what_does_not_end_in_time_and_tells_watchers(tmp_path: Path, long_video: Path) -> None:
    service = Service(tmp_path / "storage", VIDEOANNOTATOR_SHUTDOWN_GRACE="1").start()
    try:
        client = service.client()
        job = client.submit(client.upload(long_video).id, "person", config=SLOW)
        eventually(lambda: _decoding(client, job.id, 1), 30)
        watch = client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id))
        next(watch)
        started = time.monotonic()
        for _ in range(5):
            service.process.send_signal(signal.SIGTERM)
        with pytest.raises(grpc.RpcError) as error:
            for _ in watch:
                pass
        assert envelope(error.value).code == "SERVICE_UNAVAILABLE"
        assert service.stop() == 0
        assert time.monotonic() - started < 20
        service.start()
        client = service.client()
        eventually(lambda: _decoding(client, job.id, 2), 30)
        client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
        client.wait(job.id)
    finally:
        service.close()


def test_two_servers_never_share_a_storage(service: Service) -> None:
    second = Service(service.storage)
    with pytest.raises(AssertionError, match="Another service is using the storage"):
        second.start()
    assert second.process.wait() == 2
    second.close()
