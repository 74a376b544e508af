"""Pipelines that misbehave in every way a plugin can: the job gets its typed end, and the next job runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.service import Client, Service, eventually
from videoannotator.v1 import jobs_pb2, types_pb2

SPEC = """
from dataclasses import replace
from videoannotator.pipelines.config import PipelineConfig
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION

class NaughtyConfig(PipelineConfig):
    deed: str = "none"

naughty = replace(SCENE_DETECTION, name="naughty", family="naughty", variant="v", aliases=(),
                  config_model=NaughtyConfig, implementation="naughty_deeds:Naughty")
"""
DEEDS = """
import ctypes, os, signal, subprocess, sys, time
from pathlib import Path
from videoannotator.errors import StorageExhaustedError

DIRECTORY = Path(__file__).parent

def garbage():
    os.write(int(sys.argv[1]), b"this is no message\\n")
    time.sleep(60)

def leave():
    os._exit(0)

def deaf():
    ctypes.CDLL(None).signal(signal.SIGTERM, ctypes.c_void_p(1))  # 1: ignore
    (DIRECTORY / "deaf").touch()
    ctypes.PyDLL(None).sleep(60)  # holds the interpreter's lock: no thread of this process runs any more

def child():
    process = subprocess.Popen(["sleep", "600"])
    (DIRECTORY / "child").write_text(str(process.pid))
    time.sleep(60)

def greedy():
    bytearray(4 << 30)

def flaky():
    with (DIRECTORY / "attempts").open("a") as file:
        file.write("x")
    if (DIRECTORY / "attempts").stat().st_size < 3:
        raise StorageExhaustedError("for a moment")

class Naughty:
    rate = None
    warnings = ()

    def __init__(self, config, info, sessions):
        self._deed = globals().get(config.deed)

    def process(self, frame):
        if self._deed:
            deed, self._deed = self._deed, None
            deed()
        return True

    def finish(self):
        return []
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where the plugin is installed; it leaves its traces there too."""
    site = tmp_path / "site"
    info = site / "naughty-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "naughty_spec.py").write_text(SPEC)
    (site / "naughty_deeds.py").write_text(DEEDS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: naughty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[videoannotator.pipelines]\nnaughty = naughty_spec:naughty\n")
    return site


@pytest.fixture
def service(tmp_path: Path, site: Path) -> Iterator[Service]:
    """A server with the plugin and little memory for its workers."""
    service = Service(
        tmp_path / "storage",
        PYTHONPATH=str(site),
        VIDEOANNOTATOR_RETRY_BASE_DELAY="0.1",
        VIDEOANNOTATOR_RETRY_JITTER="0",
        VIDEOANNOTATOR_WORKER_MEMORY_LIMIT=str(3 << 30),
    ).start()
    yield service
    service.close()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


def submit(client: Client, video: Path, deed: str) -> types_pb2.Job:
    return client.submit(client.upload(video).id, "naughty", config={"naughty": {"deed": deed}})


def assert_next_job_runs(client: Client, video: Path) -> None:
    assert client.wait(submit(client, video, "none").id).status == types_pb2.JOB_STATUS_COMPLETED


@pytest.mark.parametrize("deed", ["garbage", "leave"])
def test_a_worker_that_breaks_the_protocol_or_leaves_is_taken_for_crashed(
    client: Client, short_video: Path, deed: str
) -> None:
    ended = client.wait(submit(client, short_video, deed).id)
    assert (ended.status, ended.error.code) == (types_pb2.JOB_STATUS_FAILED, "WORKER_CRASHED")
    assert ended.attempt == 3
    assert_next_job_runs(client, short_video)


@pytest.mark.parametrize("deed", ["deaf", "child"])
def test_what_blocks_in_native_code_or_starts_children_is_gone_five_seconds_after_a_cancellation(
    service: Service, client: Client, site: Path, short_video: Path, deed: str
) -> None:
    job = submit(client, short_video, deed)
    eventually((site / deed).exists, 20)
    pids = service.worker_pids() + [int(pid) for pid in (site / deed).read_text().split()]
    asked_at = time.monotonic()
    client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
    assert client.wait(job.id).status == types_pb2.JOB_STATUS_CANCELLED
    assert time.monotonic() - asked_at < 5
    eventually(lambda: not any(_runs(pid) for pid in pids), 1)
    assert_next_job_runs(client, short_video)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_pipeline_that_wants_more_memory_than_a_worker_may_have_fails_alone(
    service: Service, client: Client, short_video: Path
) -> None:
    ended = client.wait(submit(client, short_video, "greedy").id)
    assert ended.status == types_pb2.JOB_STATUS_FAILED
    assert ended.error.code == "PIPELINE_FAILED"
    assert ended.attempt == 1
    assert service.worker_pids() == []
    assert_next_job_runs(client, short_video)


def test_an_error_that_passes_is_tried_again_until_it_has_passed(client: Client, short_video: Path) -> None:
    ended = client.wait(submit(client, short_video, "flaky").id)
    assert (ended.status, ended.attempt) == (types_pb2.JOB_STATUS_COMPLETED, 3)
    events = list(client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=ended.id, after_sequence=0)))
    reasons = [event.status.reason for event in events if event.HasField("status") and event.status.reason]
    assert [reason.split(":")[0] for reason in reasons] == ["STORAGE_EXHAUSTED"] * 2


@pytest.mark.slow
def test_a_warm_worker_serves_job_after_job_and_the_server_keeps_nothing(
    service: Service, client: Client, short_video: Path
) -> None:
    video = client.upload(short_video)
    server = psutil.Process(service.process.pid)
    pids: set[int] = set()

    def round_trip() -> None:
        job = client.wait(client.submit(video.id, "naughty").id)
        assert job.status == types_pb2.JOB_STATUS_COMPLETED
        pids.update(service.worker_pids())
        client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id))

    for _ in range(20):
        round_trip()
    before = server.memory_info().rss, server.num_fds(), server.num_threads()
    for _ in range(80):
        round_trip()
    after = server.memory_info().rss, server.num_fds(), server.num_threads()
    assert after[0] - before[0] < 50 * 2**20
    assert after[1] <= before[1] + 2
    assert after[2] <= before[2] + 2
    assert len(pids) <= 4  # a worker is replaced after fifty jobs
    assert list((service.storage / "results").iterdir()) == []
