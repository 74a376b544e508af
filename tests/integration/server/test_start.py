"""A service that cannot be right does not start, and says everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest

from tests.support.postgres import postgres
from tests.support.service import Service, running
from videoannotator.pipelines.registry import Registry
from videoannotator.v1 import jobs_pb2, pipelines_pb2, system_pb2


def refused(service: Service, **environment: str) -> str:
    with pytest.raises(AssertionError, match="did not start"):
        service.start(**environment)
    assert service.process.wait() == 2
    return "".join(service.output)


def test_every_wrong_setting_is_told_with_exit_code_2(tmp_path: Path) -> None:
    output = refused(
        Service(tmp_path),
        VIDEOANNOTATOR_LOG_FORMAT="xml",
        VIDEOANNOTATOR_RETRY_JITTER="x",
        VIDEOANNOTATOR_MAX_UPLOAD_BYTES="-1",
    )
    assert "CONFIGURATION_INVALID" in output
    assert all(
        name in output
        for name in ("VIDEOANNOTATOR_LOG_FORMAT", "VIDEOANNOTATOR_RETRY_JITTER", "VIDEOANNOTATOR_MAX_UPLOAD_BYTES")
    )
    assert "Traceback" not in output


def test_a_misspelt_name_is_told_at_every_start_and_beside_what_is_wrong(tmp_path: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_STORGE_DIR="/x") as service:
        assert "Did you mean VIDEOANNOTATOR_STORAGE_DIR?" in "".join(service.output)
    output = refused(Service(tmp_path), VIDEOANNOTATOR_HOST="0.0.0.0", VIDEOANNOTATOR_ALOW_INSECURE="true")
    assert "Did you mean VIDEOANNOTATOR_ALLOW_INSECURE?" in output


def test_names_of_other_programs_neither_stop_nor_open_the_service(tmp_path: Path) -> None:
    with running(tmp_path, HOST="x86_64-conda-linux-gnu", REQUIRE_AUTH="false") as service:
        assert service.address.startswith("127.0.0.1:")
        with pytest.raises(grpc.RpcError) as error:
            service.client("").jobs.ListJobs(jobs_pb2.ListJobsRequest())
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_the_world_is_not_served_without_auth_and_tls(tmp_path: Path) -> None:
    output = refused(Service(tmp_path), VIDEOANNOTATOR_HOST="0.0.0.0", VIDEOANNOTATOR_REQUIRE_AUTH="false")
    assert output.count("VIDEOANNOTATOR_ALLOW_INSECURE") == 2


def test_wrong_weights_stop_the_service_and_missing_ones_are_searched_in_order(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "centernet.onnx").write_bytes(b"not the weights")
    output = refused(Service(tmp_path / "s"), VIDEOANNOTATOR_MODELS_DIR=str(models))
    assert "MODEL_CORRUPT" in output
    assert "centernet" in output
    (models / "centernet.onnx").unlink()
    with running(tmp_path / "s", VIDEOANNOTATOR_MODELS_DIR=str(models)) as service:
        listed = service.client().pipelines.ListPipelines(pipelines_pb2.ListPipelinesRequest()).pipelines
        assert {pipeline.name for pipeline in listed} == set(Registry.load().names)


def test_the_admin_token_is_printed_on_the_first_start_only(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert service.token
        first = service.token
        service.stop()
        service.output.clear()
        service.start()
        assert not any("va_" in line for line in service.output)
        health = service.client(first).system.GetHealth(system_pb2.GetHealthRequest())
        assert health.components


def test_without_auth_everybody_is_the_administrator_and_a_warning_says_so(tmp_path: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_REQUIRE_AUTH="false") as service:
        assert not service.token
        assert service.client("").system.GetHealth(system_pb2.GetHealthRequest()).components
        assert any("Authentication is off" in line for line in service.output)
        info = service.client("").system.GetServerInfo(system_pb2.GetServerInfoRequest())
        assert info.warnings


def test_postgresql_serves_as_well(tmp_path: Path, short_video: Path) -> None:
    with (
        postgres(tmp_path / "postgres") as url,
        running(tmp_path / "storage", VIDEOANNOTATOR_DATABASE_URL=url.replace("+psycopg", "")) as service,
    ):
        client = service.client()
        job = client.wait(client.submit(client.upload(short_video).id).id)
        assert job.success_rate == 1.0
        assert not list((tmp_path / "storage").glob("*.db"))
