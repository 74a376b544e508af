"""Health is looked at: each part is broken in turn, and the service says so, and says when it is well again."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.rest import Rest
from tests.support.service import Client, Service, envelope, eventually, running
from videoannotator.v1 import system_pb2, videos_pb2

HEALTHY = system_pb2.HEALTH_STATUS_HEALTHY
DEGRADED = system_pb2.HEALTH_STATUS_DEGRADED
UNHEALTHY = system_pb2.HEALTH_STATUS_UNHEALTHY


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with its Envoy, which these tests may break."""
    with running(tmp_path_factory.mktemp("frail"), VIDEOANNOTATOR_REST="true") as service:
        yield service


@pytest.fixture(scope="module")
def client(frail: Service) -> Client:
    return frail.client()


def part(client: Client, name: str) -> system_pb2.ComponentHealth:
    health = client.system.GetHealth(system_pb2.GetHealthRequest())
    return next(each for each in health.components if each.name == name)


def serving(client: Client, name: str = "") -> bool:
    answer = health_pb2_grpc.HealthStub(client.channel).Check(health_pb2.HealthCheckRequest(service=name))
    return answer.status == health_pb2.HealthCheckResponse.SERVING


def change(service: Service, statement: str) -> None:
    with sqlite3.connect(service.storage / "videoannotator.db") as database:
        database.execute(statement)


def test_all_parts_of_a_service_that_works_are_healthy(client: Client) -> None:
    health = client.system.GetHealth(system_pb2.GetHealthRequest())
    found = {each.name: each.status for each in health.components if each.name != "pipelines"}
    assert found == dict.fromkeys(("database", "storage", "queue", "rest"), HEALTHY)


def test_a_directory_that_is_gone_is_said_everywhere_until_it_is_back(frail: Service, client: Client) -> None:
    uploads = frail.storage / "uploads"
    rest = Rest(frail.url, frail.token)
    video = client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a.mp4", size_bytes=5))
    uploads.rename(frail.storage / "away")
    try:
        storage = part(client, "storage")
        assert (storage.status, storage.message) == (UNHEALTHY, "uploads/ cannot be written: No such file or directory")
        eventually(lambda: not serving(client))
        assert serving(client, "videoannotator.v1.ArtifactService")
        assert rest.get("/api/v1/health").status == 503
        assert rest.get("/api/v1/system/health").json()["diagnostics"]["storage"]["status"] == "unhealthy"
        with pytest.raises(grpc.RpcError) as error:
            client.videos.WriteVideo(iter([videos_pb2.WriteVideoRequest(video_id=video.id, data=b"12345")]))
        assert envelope(error.value).code == "SERVICE_UNAVAILABLE"
    finally:
        (frail.storage / "away").rename(uploads)
    assert part(client, "storage").status == HEALTHY
    eventually(lambda: serving(client))


def test_more_bytes_announced_than_free_is_said_before_the_disk_is_full(frail: Service, client: Client) -> None:
    row = "'big', 'o', 'f', 1000000000000000, 0, 'uploading', 0.0, 9e12"
    columns = "id, owner, filename, size_bytes, committed_bytes, state, created_at, expires_at"
    change(frail, f"INSERT INTO videos ({columns}) VALUES ({row})")
    storage = part(client, "storage")
    assert storage.status == DEGRADED
    assert "1000000000000" in storage.message
    change(frail, "DELETE FROM videos WHERE id = 'big'")
    assert part(client, "storage").status == HEALTHY


def test_a_database_that_does_not_answer_is_said(frail: Service, client: Client) -> None:
    change(frail, "ALTER TABLE jobs RENAME TO jobs_away")
    try:
        assert part(client, "database").status == UNHEALTHY
        assert part(client, "queue").status == UNHEALTHY
    finally:
        change(frail, "ALTER TABLE jobs_away RENAME TO jobs")
    eventually(lambda: part(client, "database").status == HEALTHY)


def test_an_envoy_that_is_gone_is_said_until_it_is_back(frail: Service, client: Client) -> None:
    (envoy,) = (each for each in psutil.Process(frail.process.pid).children() if "envoy" in each.name())
    envoy.send_signal(signal.SIGKILL)
    assert eventually(lambda: part(client, "rest").status == DEGRADED)
    assert eventually(lambda: part(client, "rest").status == HEALTHY)


def test_a_stranger_learns_no_more_than_whether_it_works(frail: Service) -> None:
    health = frail.client("").system.GetHealth(system_pb2.GetHealthRequest())
    assert list(health.components) == []
    assert Path(frail.storage).name not in str(health)
