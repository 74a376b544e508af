"""A storage that an earlier version left, in the midst of its work, is opened, brought up to date and served.

It was made by 2.0.0a1 with the schema 0004: three jobs that completed, two that ran when the service got kill -9. Its
history still has a row for each step of progress.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.history import is_history
from tests.support.service import Client, Service
from videoannotator.v1 import artifacts_pb2, jobs_pb2, types_pb2

ARCHIVE = Path(__file__).resolve().parents[2] / "support" / "storages" / "2.0.0a1.tar.xz"
# The token of the administrator of that storage, which exists nowhere else.
TOKEN = "_".join(["va", "3903f2abc52a", "d9b70d054ebda5035f4539b8327767d7d59f89eb1e686d6d", "9d5d674d"])
COMPLETED = {
    "5fbddd511c3e4cb2807664a2f33fa7d9": 12,
    "74e06aa157204ac79f24a74309f34b37": 19,
    "4fcd3dbebcc14ffa92aa94d3adbd92ca": 11,
}
"""The jobs that had completed, with the number of their last event."""
RUNNING = ("f0f6a7fb38954a509513d7d364db6dc1", "4d5ce3e511684b59a28752218972c42a")


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """This version of the service on that storage."""
    directory = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory, filter="data")
    service = Service(directory / "storage").start()
    service.token = TOKEN
    yield service
    service.close()


@pytest.fixture(scope="module")
def client(upgraded: Service) -> Client:
    return upgraded.client()


def test_tokens_and_jobs_are_kept_and_no_new_administrator_is_made(upgraded: Service, client: Client) -> None:
    assert not any("admin token" in line for line in upgraded.output)
    for job_id in COMPLETED:
        job = client.job(job_id)
        assert (job.status, job.attempt, job.progress) == (types_pb2.JOB_STATUS_COMPLETED, 1, 1.0)
        assert not job.HasField("retention_days")
    assert dict(client.job("5fbddd511c3e4cb2807664a2f33fa7d9").labels) == {"study": "upgrade"}


@pytest.mark.parametrize("job_id", COMPLETED)
def test_the_history_is_told_in_order_without_its_steps(client: Client, job_id: str) -> None:
    _, *history = client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=0))
    sequences = [event.sequence for event in history]
    assert all(is_history(event) for event in history)
    assert sequences == sorted(set(sequences))
    assert sequences[-1] == COMPLETED[job_id]
    assert len(sequences) < COMPLETED[job_id]
    assert history[-1].HasField("terminal")


@pytest.mark.parametrize("job_id", COMPLETED)
def test_every_file_is_what_it_was(client: Client, job_id: str) -> None:
    artifacts = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=job_id)).artifacts
    assert artifacts
    for artifact in artifacts:
        chunks = client.artifacts.DownloadArtifact(artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id))
        assert hashlib.sha256(b"".join(chunk.data for chunk in chunks)).hexdigest() == artifact.sha256


@pytest.mark.parametrize("job_id", RUNNING)
def test_what_ran_when_it_died_runs_again_to_its_end(client: Client, job_id: str) -> None:
    job = client.wait(job_id)
    assert (job.status, job.attempt) == (types_pb2.JOB_STATUS_COMPLETED, 2)
    _, *history = client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=0))
    sequences = [event.sequence for event in history]
    assert sequences == sorted(set(sequences))


def test_nothing_of_the_attempts_that_died_is_left(upgraded: Service, client: Client) -> None:
    for job_id in RUNNING:
        client.wait(job_id)
        assert [each.name for each in (upgraded.storage / "results" / job_id).iterdir()] == ["2"]
