"""Calls that cross each other: each gets a typed answer, and nothing is left behind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.support.service import Client, Service, chunks, envelope, sha256
from videoannotator.v1 import jobs_pb2, types_pb2, videos_pb2


def outcome(call: Callable[[], Any]) -> str:
    """Return OK, or the code of the envelope that the call ended with."""
    try:
        call()
    except grpc.RpcError as error:
        return envelope(error).code
    return "OK"


def test_a_video_deleted_while_it_arrives_leaves_nothing_behind(
    service: Service, client: Client, short_video: Path
) -> None:
    data = short_video.read_bytes()
    dice = random.Random(1)
    with ThreadPoolExecutor(2) as threads:
        for number in range(20):
            announced = videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=len(data))
            video = client.videos.CreateVideo(announced)
            upload = threads.submit(outcome, lambda: client.videos.WriteVideo(chunks(video.id, data, size=2048)))  # noqa: B023
            time.sleep(dice.uniform(0, 0.03 if number % 2 else 0.5))
            request = videos_pb2.DeleteVideoRequest(video_id=video.id)
            assert outcome(lambda: client.videos.DeleteVideo(request)) == "OK"  # noqa: B023
            assert upload.result() in {"OK", "VIDEO_NOT_FOUND"}
            assert not (service.storage / "uploads" / video.id).exists()


def test_writers_that_fight_over_an_upload_end_with_the_right_bytes(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    with ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            video = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=len(data)))
            write = [lambda: client.videos.WriteVideo(chunks(video.id, data, size=1024))] * 4  # noqa: B023
            outcomes = set(threads.map(outcome, write))
            assert outcomes <= {"OK", "UPLOAD_IN_PROGRESS", "UPLOAD_OFFSET_MISMATCH"}
            start = client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=video.id)).committed_bytes
            assert client.videos.WriteVideo(chunks(video.id, data, start)).sha256 == sha256(data)


@pytest.mark.parametrize("patience", [0.0005, 0.002, 0.005, 0.02])
def test_a_call_whose_answer_is_lost_is_repeated_without_a_second_job(
    client: Client, short_video: Path, patience: float
) -> None:
    video = client.upload(short_video)
    label = {"patience": str(patience)}
    for number in range(10):
        request = jobs_pb2.SubmitJobRequest(
            video_id=video.id, pipelines=["scene"], labels=label, request_id=f"lost {patience} {number}", priority=-100
        )
        lost = client.jobs.SubmitJob.future(request)
        time.sleep(patience)
        lost.cancel()
        jobs = {client.jobs.SubmitJob(request).id for _ in range(3)}
        assert len(jobs) == 1
    assert client.jobs.ListJobs(jobs_pb2.ListJobsRequest(labels=label)).total == 10


@pytest.mark.slow
def test_one_job_steered_by_many_hands_ends_in_one_true_state(
    service: Service, client: Client, short_video: Path
) -> None:
    video = client.upload(short_video)
    dice = random.Random(2)

    def steer(job_id: str, deed: str, moment: float) -> str:
        time.sleep(moment)
        calls = {
            "cancel": lambda: client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job_id)),
            "retry": lambda: client.jobs.RetryJob(jobs_pb2.RetryJobRequest(job_id=job_id)),
            "delete": lambda: client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job_id)),
            "watch": lambda: client.wait(job_id, 30),
        }
        return f"{deed}: {outcome(calls[deed])}"

    with ThreadPoolExecutor(8) as threads:
        for _ in range(6):
            job = client.submit(video.id, "scene", "person")
            deeds = ["cancel", "retry", "cancel", "retry", "delete", "watch", "watch"]
            told = {each.result() for each in [threads.submit(steer, job.id, d, dice.uniform(0, 1.2)) for d in deeds]}
            assert not {each for each in told if "INTERNAL" in each or "SERVICE" in each}
            force = jobs_pb2.DeleteJobRequest(job_id=job.id, force=True)
            assert outcome(lambda: client.jobs.DeleteJob(force, timeout=20)) in {"OK", "JOB_NOT_FOUND"}  # noqa: B023
            assert outcome(lambda: client.job(job.id)) == "JOB_NOT_FOUND"  # noqa: B023
            assert not (service.storage / "results" / job.id).exists()


@pytest.mark.slow
def test_two_hundred_jobs_are_cancelled_at_once_within_ten_seconds(client: Client, long_video: Path) -> None:
    video = client.upload(long_video)
    jobs = [client.submit(video.id, "person").id for _ in range(200)]
    started = time.monotonic()
    with ThreadPoolExecutor(20) as threads:
        cancel = [
            lambda job_id=job_id: client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job_id)) for job_id in jobs
        ]
        assert set(threads.map(outcome, cancel)) == {"OK"}
        ended = list(threads.map(client.wait, jobs))
    assert time.monotonic() - started < 10
    assert {job.status for job in ended} == {types_pb2.JOB_STATUS_CANCELLED}
