"""Ctrl-C, broken uploads and restarts of the service, as a user meets them."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.support.history import numbers_of_lines
from tests.support.service import TERMINAL, Service, eventually
from videoannotator.v1 import jobs_pb2, types_pb2


def newest_job(service: Service, filename: str) -> types_pb2.Job | None:
    jobs = service.client().jobs.ListJobs(jobs_pb2.ListJobsRequest()).jobs
    return next((job for job in jobs if job.video_filename == filename), None)


def test_ctrl_c_cancels_a_run_and_waits_for_its_end(cli, service: Service, long_video: Path):
    process = cli.start("run", str(long_video), "-p", "person", "-s", "person.frames_per_second=0")

    def is_running() -> bool:
        job = newest_job(service, long_video.name)
        return job is not None and job.status == types_pb2.JOB_STATUS_RUNNING

    eventually(is_running, 60)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "cancelled" in out
    assert "Traceback" not in err
    assert time.monotonic() - began < 10
    assert newest_job(service, long_video.name).status == types_pb2.JOB_STATUS_CANCELLED


def test_ctrl_c_on_a_watch_leaves_the_job_alone(cli, service: Service, long_video: Path):
    job = cli.json("submit", str(long_video), "-p", "person", "-s", "person.frames_per_second=0")[0]["id"]
    process = cli.start("watch", job)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert service.client().job(job).status not in TERMINAL
    assert cli("jobs", "cancel", job, "--reason", "test").returncode == 0
    assert cli("watch", job).returncode == 130


def test_ctrl_c_on_annotate_leaves_no_half_results(offline, long_video: Path):
    arguments = ["-p", "person", "-s", "person.frames_per_second=0", "-o", "results"]
    process = offline.start("annotate", str(long_video), *arguments)
    assert process.stderr is not None
    next(line for line in process.stderr if "person_tracking: running" in line)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "JOB_CANCELLED" in err
    results = offline.directory / "results"
    assert not results.exists() or list(results.iterdir()) == []


def test_annotate_writes_what_a_job_writes(offline, cli, short_video: Path):
    local = offline("annotate", str(short_video), "-p", "scene", "-o", "local", "--outputs", "csv")
    assert local.returncode == 0, local.stderr
    cli("run", str(short_video), "-p", "scene", "-o", "remote", "--outputs", "csv")
    names = {path.name for path in (cli.directory / "remote").iterdir()}
    assert {path.name for path in (offline.directory / "local").iterdir()} == names
    scenes = "short_scene_detection.csv"
    assert (offline.directory / "local" / scenes).read_bytes() == (cli.directory / "remote" / scenes).read_bytes()


def test_a_killed_upload_goes_on_where_it_stopped(cli, service: Service, short_video: Path):
    big = cli.directory / "big.mp4"
    padding = 400 * 2**20
    with big.open("wb") as file:
        file.write(short_video.read_bytes())
        file.write(padding.to_bytes(4, "big") + b"free")
        file.truncate(file.tell() + padding - 8)

    def committed() -> int:
        videos = [each for each in cli.json("videos", "list") if each["filename"] == "big.mp4"]
        return videos[0]["committed_bytes"] if videos else 0

    process = cli.start("submit", str(big), "-p", "scene")
    eventually(lambda: committed() > 0, 30)
    process.kill()
    process.communicate()
    before = [each["id"] for each in cli.json("videos", "list") if each["filename"] == "big.mp4"]
    job = cli.json("submit", str(big), "-p", "scene")[0]
    assert [job["video_id"]] == before
    assert job["video_size_bytes"] == big.stat().st_size
    cli("jobs", "delete", "--force", job["id"])
    cli("videos", "delete", job["video_id"])


def first_progress(watch: subprocess.Popen[str]) -> str:
    assert watch.stdout is not None
    seen = ""
    for line in watch.stdout:
        seen += line
        if '"progress": {' in line:
            return seen
    _, complaint = watch.communicate()
    raise AssertionError(f"the watch ended with {watch.returncode} after {seen}: {complaint}")


@pytest.mark.timeout(300)
def test_a_watch_survives_the_death_of_the_service(offline: Cli, long_video: Path):
    def serve(port: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
        process = offline.start(
            "serve", "--no-rest", "--port", port, "--storage-dir", "storage", VIDEOANNOTATOR_MIN_FREE_BYTES="0"
        )
        assert process.stdout is not None
        said: dict[str, str] = {}
        while "serving gRPC on" not in said:
            name, _, value = process.stdout.readline().strip().rpartition(" ")
            said[name] = value
        return process, said

    service, said = serve("0")
    token, address = said["admin token (shown only now):"], said["serving gRPC on"]
    cli = Cli(offline.directory, {"VIDEOANNOTATOR_SERVER": address, "VIDEOANNOTATOR_TOKEN": token})
    try:
        job = cli.json("submit", str(long_video), "-p", "scene,person", "-s", "person.frames_per_second=4")[0]["id"]
        watch = cli.start("watch", job, "--json", "--from-start")
        lines = first_progress(watch).splitlines()
        service.kill()
        service.communicate()
        service, _ = serve(address.rpartition(":")[2])
        out, err = watch.communicate(timeout=200)
    finally:
        service.terminate()
        service.communicate()
    events = [json.loads(line) for line in [*lines, *out.splitlines()]]
    numbers = numbers_of_lines(events)
    assert watch.returncode == 0, err
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert events[-1]["terminal"]["job"]["attempt"] == 2
