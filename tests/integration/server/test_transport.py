"""What travels beneath the calls: TLS, health checking, reflection, and a log that programs can read."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.support import certificates
from tests.support.service import Client, Service, running
from videoannotator.v1 import jobs_pb2, system_pb2, system_pb2_grpc, types_pb2

SERVICES = {"Video", "Job", "Artifact", "Pipeline", "System", "Token"}
SLOW = {"person_tracking": {"frames_per_second": 25}}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    return certificates.certificate(tmp_path_factory.mktemp("tls"))


def test_with_a_certificate_only_tls_is_spoken(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with running(tmp_path, VIDEOANNOTATOR_TLS_CERT=str(cert), VIDEOANNOTATOR_TLS_KEY=str(key)) as service:
        trusting = grpc.ssl_channel_credentials(cert.read_bytes())
        strangers = grpc.ssl_channel_credentials()
        with grpc.secure_channel(service.address, trusting) as channel:
            health = system_pb2_grpc.SystemServiceStub(channel).GetHealth(system_pb2.GetHealthRequest())
            assert health.status == system_pb2.HEALTH_STATUS_HEALTHY
        for wrong in (grpc.insecure_channel(service.address), grpc.secure_channel(service.address, strangers)):
            with wrong as channel, pytest.raises(grpc.RpcError) as error:
                system_pb2_grpc.SystemServiceStub(channel).GetHealth(system_pb2.GetHealthRequest(), timeout=10)
            assert error.value.code() is grpc.StatusCode.UNAVAILABLE


def refused(service: Service, **environment: str) -> str:
    with pytest.raises(AssertionError, match="did not start"):
        service.start(**environment)
    assert service.process.wait() == 2
    output = "".join(service.output)
    assert "Traceback" not in output
    return output


def test_a_key_without_its_certificate_stops_the_start(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    output = refused(Service(tmp_path), VIDEOANNOTATOR_TLS_KEY=str(certificate[1]))
    assert "VIDEOANNOTATOR_TLS_CERT" in output


def test_a_certificate_that_is_none_stops_the_start(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("this is no certificate")
    tls = {"VIDEOANNOTATOR_TLS_CERT": str(nonsense), "VIDEOANNOTATOR_TLS_KEY": str(certificate[1])}
    assert "VIDEOANNOTATOR_TLS_CERT" in refused(Service(tmp_path / "storage"), **tls)


def test_a_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ("serve", "--no-rest", "--port", port, "--storage-dir", str(tmp_path))
        code = "import sys; from videoannotator.cli.main import main; sys.exit(main())"
        ended = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert port in ended.stderr
    assert "taken" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////dev/null/x.db"])
def test_a_database_that_cannot_be_opened_stops_the_start(tmp_path: Path, url: str) -> None:
    assert "VIDEOANNOTATOR_DATABASE_URL" in refused(Service(tmp_path), VIDEOANNOTATOR_DATABASE_URL=url)


def test_reflection_tells_the_contract_to_anybody(service: Service) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(service.client("").channel)
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="videoannotator.v1.JobService"),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="no.such.Thing"),
    ]
    listed, found, missing = stub.ServerReflectionInfo(iter(requests))
    names = {each.name for each in listed.list_services_response.service}
    assert names >= {f"videoannotator.v1.{name}Service" for name in SERVICES} | {"grpc.health.v1.Health"}
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(each)
        for each in found.file_descriptor_response.file_descriptor_proto
    ]
    assert "WatchJob" in {method.name for file in files for each in file.service for method in each.method}
    assert missing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_health_checking_answers_for_every_service(service: Service) -> None:
    stub = health_pb2_grpc.HealthStub(service.client("").channel)
    for name in ("", *(f"videoannotator.v1.{each}Service" for each in SERVICES)):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as error:
        stub.Check(health_pb2.HealthCheckRequest(service="videoannotator.v1.NoService"))
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_health_checking_says_when_the_service_drains(tmp_path: Path, long_video: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_SHUTDOWN_GRACE="1") as service:
        client = service.client()
        job = client.submit(client.upload(long_video).id, "person", config=SLOW)
        client.wait_until(job.id, types_pb2.JOB_STATUS_RUNNING)
        watch = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        stopping = threading.Thread(target=service.stop)
        stopping.start()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        stopping.join()
        assert service.process.returncode == 0


def test_every_line_of_a_json_log_is_an_object_without_secrets(tmp_path: Path, short_video: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_LOG_FORMAT="json", VIDEOANNOTATOR_LOG_LEVEL="DEBUG") as service:
        client = service.client()
        job = client.wait(client.submit(client.upload(short_video).id).id)
        stranger = service.client("va_000000000000_not-a-good-token_00000000")
        with pytest.raises(grpc.RpcError):
            stranger.job(job.id)
        with pytest.raises(grpc.RpcError):
            client.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
        service.stop()
        first = next(number for number, line in enumerate(service.output) if "serving gRPC on" in line)
        log = [json.loads(line) for line in service.output[first + 1 :] if line.strip()]
        assert all({"time", "level", "logger", "message"} <= set(line) for line in log)
        assert any("JobService/SubmitJob OK" in line["message"] for line in log)
        text = "".join(service.output[first + 1 :])
        assert service.token not in text
        assert "not-a-good-token" not in text


def test_a_watch_and_a_unary_call_share_one_connection(client: Client, short_video: Path) -> None:
    job = client.wait(client.submit(client.upload(short_video).id).id)
    watches = [client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id)) for _ in range(50)]
    assert {client.job(job.id).id for _ in range(20)} == {job.id}
    assert {[event.WhichOneof("event") for event in watch][-1] for watch in watches} == {"terminal"}
