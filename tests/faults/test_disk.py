"""A disk without room: whatever was to be written says so, nothing is left half done, and room heals everything."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from tests.support.service import Service, chunks, envelope, eventually, running
from videoannotator.v1 import jobs_pb2, types_pb2, videos_pb2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a file system is not permitted here")
    yield directory
    subprocess.run(["umount", "--lazy", str(directory)], check=True)


@pytest.fixture
def service(disk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A server whose storage is the small disk; so is its database, unless the test puts it elsewhere."""
    retries = {
        "VIDEOANNOTATOR_RETRY_BASE_DELAY": "0.2",
        "VIDEOANNOTATOR_RETRY_MAX_DELAY": "0.2",
        "VIDEOANNOTATOR_RETRY_JITTER": "0",
    }
    elsewhere = {"VIDEOANNOTATOR_DATABASE_URL": f"sqlite:///{tmp_path / 'roomy.db'}"}
    database = elsewhere if getattr(request, "param", "") == "elsewhere" else {}
    service = Service(disk / "storage", **retries, **database).start()
    yield service
    service.close()


def fill(disk: Path) -> Path:
    """Take all room; deleting the returned file gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return ballast


def test_an_upload_into_a_full_disk_says_so_and_resumes_when_there_is_room(
    service: Service, disk: Path, short_video: Path
) -> None:
    client = service.client()
    data = short_video.read_bytes()
    video = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=len(data)))
    ballast = fill(disk)
    with pytest.raises(grpc.RpcError) as error:
        client.videos.WriteVideo(chunks(video.id, data))
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert envelope(error.value).code == "STORAGE_EXHAUSTED"
    assert client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=video.id)).committed_bytes == 0
    ballast.unlink()
    assert client.videos.WriteVideo(chunks(video.id, data)).state == types_pb2.VIDEO_STATE_READY


def test_reading_goes_on_while_the_disk_is_full(service: Service, disk: Path, short_video: Path) -> None:
    client = service.client()
    job = client.wait(client.submit(client.upload(short_video).id).id)
    fill(disk)
    service.kill()
    service.start()
    reader = service.client()
    assert reader.job(job.id).status == types_pb2.JOB_STATUS_COMPLETED
    with pytest.raises(grpc.RpcError) as error:
        reader.submit(job.video_id)
    assert envelope(error.value).code == "STORAGE_EXHAUSTED"


@pytest.mark.parametrize("service", ["elsewhere"], indirect=True)
def test_a_job_whose_results_find_no_room_fails_by_that_name_and_succeeds_when_retried(
    service: Service, disk: Path, short_video: Path
) -> None:
    client = service.client()
    video = client.upload(short_video)
    warm = client.wait(client.submit(video.id).id)
    ballast = fill(disk)
    job = client.submit(video.id, "scene", "person")
    ended = client.wait(job.id)
    assert (ended.status, ended.error.code) == (types_pb2.JOB_STATUS_FAILED, "STORAGE_EXHAUSTED")
    ballast.unlink()
    assert not list((service.storage / "results").glob(f"{job.id}/*"))
    client.jobs.RetryJob(jobs_pb2.RetryJobRequest(job_id=job.id))
    assert client.wait(job.id).status == types_pb2.JOB_STATUS_COMPLETED
    assert client.job(warm.id).status == types_pb2.JOB_STATUS_COMPLETED


def test_the_end_of_a_job_waits_for_room_in_the_database(service: Service, disk: Path, long_video: Path) -> None:
    client = service.client()
    video = client.upload(long_video)
    job = client.submit(video.id, "person")
    eventually(lambda: client.job(job.id).runs[0].units_done > 0, 30)
    ballast = fill(disk)
    eventually(lambda: "progress is not recorded" in "".join(service.output), 30)
    ballast.unlink()
    client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
    ended = client.wait(job.id)
    assert (ended.status, ended.attempt) == (types_pb2.JOB_STATUS_CANCELLED, 1)


def test_a_storage_that_cannot_be_written_stops_the_start(disk: Path) -> None:
    with running(disk / "storage"):
        pass
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    service = Service(disk / "storage")
    with pytest.raises(AssertionError, match="did not start"):
        service.start()
    assert service.process.wait() == 2
    assert "CONFIGURATION_INVALID" in "".join(service.output)
    assert "Traceback" not in "".join(service.output)
