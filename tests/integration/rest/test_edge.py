"""What Envoy does by itself: browsers, methods, ids, native calls, limits, TLS, and coming back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.api import annotations_pb2
from videoannotator_server.rest.envoy_config import Edge, render
from videoannotator_server.rest.gateway import envoy_binary

from tests.support.certificates import certificate
from tests.support.rest import Rest, lower, raw
from tests.support.service import Client, Service, envelope, eventually, running
from videoannotator.rest.v1 import rest_pb2
from videoannotator.v1 import jobs_pb2, system_pb2

ORIGIN = "http://localhost:19011"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def bindings() -> dict[str, set[str]]:
    """Return the methods of every path of the contract."""
    found: dict[str, set[str]] = {}
    for call in rest_pb2.DESCRIPTOR.services_by_name["RestService"].methods:
        rule = call.GetOptions().Extensions[annotations_pb2.http]
        for each in (rule, *rule.additional_bindings):
            kind = each.WhichOneof("pattern")
            method, path = (
                (each.custom.kind, each.custom.path) if kind == "custom" else (kind.upper(), getattr(each, kind))
            )
            found.setdefault(path, set()).add(method)
    return found


def envoy_of(service: Service) -> psutil.Process:
    """Return the Envoy of a service."""
    children = psutil.Process(service.process.pid).children()
    return next(child for child in children if "envoy" in child.name())


# --- paths and methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(bindings()))
def test_every_path_takes_its_methods_and_no_other(rest: Rest, path: str) -> None:
    asked = path.replace("{job_id}", "x").replace("{name}", "x").replace("{pipeline}", "x")
    asked = asked.replace("{video_id}", "x").replace("{artifact_id}", "x").replace("{token_id}", "x")
    for form in (asked, f"{asked}/"):
        for method in METHODS:
            answer = rest.call(method, form, token="")
            if method in bindings()[path]:
                assert answer.status in (200, 401), (method, form)
            else:
                assert answer.status == 405, (method, form)
                assert set(answer.headers["allow"].split(", ")) == bindings()[path]


def test_both_slash_forms_answer_without_a_redirect(rest: Rest) -> None:
    assert rest.get("/api/v1/jobs?per_page=3").json() == rest.get("/api/v1/jobs/?per_page=3").json()
    assert rest.get("/api/v1/pipelines//").status == 200


# --- browsers --------------------------------------------------------------------------------------------------------


def preflight(rest: Rest, origin: str, method: str = "POST", path: str = "/api/v1/jobs") -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
    }
    return rest.call("OPTIONS", path, headers=headers, token="")


@pytest.mark.parametrize(
    "path", ["/api/v1/jobs", "/api/v1/jobs/", "/api/v1/jobs/x", "/videoannotator.v1.JobService/GetJob"]
)
def test_an_allowed_page_may_ask(rest: Rest, path: str) -> None:
    answer = preflight(rest, ORIGIN, path=path)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert {"GET", "POST", "PUT", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    allowed = answer.headers["access-control-allow-headers"].replace(" ", "").split(",")
    assert {"authorization", "content-type", "x-grpc-web", "last-event-id", "range"} <= set(allowed)


def test_another_page_may_not(rest: Rest) -> None:
    assert "access-control-allow-origin" not in preflight(rest, "http://evil.example").headers
    answer = rest.get("/api/v1/jobs", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/jobs", 200), ("GET", "/api/v1/jobs/x", 404), ("GET", "/nope", 404), ("PUT", "/api/v1/jobs", 405)],
)
def test_a_page_can_read_answers_and_errors(rest: Rest, method: str, path: str, status: int) -> None:
    answer = rest.call(method, path, headers={"origin": ORIGIN})
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


def test_a_browser_can_make_native_calls(rest: Rest) -> None:
    """gRPC-Web, as its clients send it: one framed message, answered by a framed message and framed trailers."""
    request = system_pb2.GetServerInfoRequest().SerializeToString()
    answer = rest.post(
        "/videoannotator.v1.SystemService/GetServerInfo",
        struct.pack(">BI", 0, len(request)) + request,
        headers={"content-type": "application/grpc-web+proto", "x-grpc-web": "1", "origin": ORIGIN},
    )
    flag, length = struct.unpack(">BI", answer.body[:5])
    assert (answer.status, flag) == (200, 0)
    assert system_pb2.ServerInfo.FromString(answer.body[5 : 5 + length]).api_version == "v1"
    assert b"grpc-status:0" in answer.body[5 + length :]


# --- native calls through the same port ------------------------------------------------------------------------------


def test_grpc_works_through_the_same_port(rest: Rest, finished: dict[str, Any]) -> None:
    client = Client(f"{rest.address[0]}:{rest.address[1]}", rest.token)
    try:
        assert client.job(finished["id"]).id == finished["id"]
        events = list(client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=finished["id"], after_sequence=0)))
        assert events[-1].HasField("terminal")
        with pytest.raises(grpc.RpcError) as error:
            client.job("nope")
        assert envelope(error.value).code == "JOB_NOT_FOUND"
        assert envelope(error.value).detail["request_id"]
    finally:
        client.close()


# --- request ids -----------------------------------------------------------------------------------------------------


def test_one_id_goes_from_the_client_to_every_log_and_back(rest: Rest, rest_service: Service) -> None:
    answer = rest.get("/api/v1/jobs/nope", headers={"x-request-id": "my-request-7"})
    assert answer.headers["x-request-id"] == "my-request-7"
    assert answer.error()["detail"]["request_id"] == "my-request-7"
    line = eventually(lambda: next((each for each in rest_service.output if "my-request-7" in each), None))
    assert json.loads(line)["request_id"] == "my-request-7"
    made = rest.get("/nope")
    assert made.error()["detail"]["request_id"] == made.headers["x-request-id"]
    log = rest_service.storage / "logs" / "envoy.log"
    entry = json.loads(
        eventually(lambda: next((each for each in log.read_text().splitlines() if "my-request-7" in each), None))
    )
    assert (entry["path"], entry["status"]) == ("/api/v1/jobs/nope", 404)
    assert entry["rpc"] == "/videoannotator.rest.v1.RestService/GetJob"


def test_an_id_that_would_break_a_log_does_not(rest: Rest, rest_service: Service) -> None:
    nasty = 'x"}{"level":"forged' + "y" * 500
    answer = rest.get("/api/v1/jobs/nope", headers={"x-request-id": nasty})
    assert len(answer.error()["detail"]["request_id"]) <= 128
    assert all(json.loads(each)["level"] != "forged" for each in rest_service.output if each.startswith("{"))


# --- slow clients ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_headers_that_never_end_are_not_waited_for(rest: Rest) -> None:
    with rest.socket() as connection:
        answer = raw(connection, b"GET /health HTTP/1.1\r\nHost: x\r\n")
    assert (answer.status, answer.json()["error"]["code"]) == (408, "REQUEST_TIMEOUT")


# --- a service of its own: limits, TLS, and coming back --------------------------------------------------------------


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that tests may hurt, with TLS and a small rate limit."""
    directory = tmp_path_factory.mktemp("fragile")
    certificate(directory)
    with running(
        directory / "storage",
        VIDEOANNOTATOR_REST="true",
        VIDEOANNOTATOR_TLS_CERT=str(directory / "cert.pem"),
        VIDEOANNOTATOR_TLS_KEY=str(directory / "key.pem"),
        VIDEOANNOTATOR_REST_RATE_LIMIT="40",
        VIDEOANNOTATOR_ALLOWED_ORIGINS="http://localhost:5173, https://viewer.example",
    ) as service:
        yield service


def secure(service: Service, path: str, timeout: float = 10.0, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Make a call over TLS."""
    context = ssl.create_default_context(cafile=str(service.storage.parent / "cert.pem"))
    host, _, port = service.url.removeprefix("https://").partition(":")
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, lower(response), json.loads(response.read())
    finally:
        connection.close()


def test_rest_speaks_tls_when_the_service_does(fragile: Service) -> None:
    assert fragile.url.startswith("https://")
    status, headers, health = secure(fragile, "/health", origin="https://viewer.example")
    assert (status, health["status"]) == (200, "healthy")
    assert headers["access-control-allow-origin"] == "https://viewer.example"


def test_too_many_requests_are_told_to_wait(fragile: Service) -> None:
    time.sleep(1.1)
    answers = [secure(fragile, "/version") for _ in range(60)]
    refused = [(headers, body) for status, headers, body in answers if status == 429]
    assert refused
    headers, body = refused[0]
    assert body["error"]["code"] == "RATE_LIMITED"
    assert headers["retry-after"] == "1"
    time.sleep(1.1)
    assert secure(fragile, "/version")[0] == 200


def answers(service: Service, wanted: int, timeout: float) -> bool:
    """Return whether the service answers with a status; no answer at all is none."""
    try:
        return secure(service, "/health", timeout=timeout)[0] == wanted
    except OSError:
        return False


def test_an_envoy_that_dies_is_started_again_on_its_port(fragile: Service) -> None:
    first = envoy_of(fragile)
    first.send_signal(signal.SIGKILL)
    first.wait(5)
    eventually(lambda: answers(fragile, 200, 5), 15)
    assert envoy_of(fragile).pid != first.pid
    assert any("Envoy ended" in line for line in fragile.output)


def test_a_service_that_hangs_is_told_as_503(fragile: Service) -> None:
    os.kill(fragile.process.pid, signal.SIGSTOP)
    try:
        eventually(lambda: answers(fragile, 503, 1), 15)
        body = secure(fragile, "/health")[2]
    finally:
        os.kill(fragile.process.pid, signal.SIGCONT)
    assert body["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert body["detail"] == body["error"]["message"]
    eventually(lambda: answers(fragile, 200, 5), 15)


def test_a_service_that_stops_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_REST="true", VIDEOANNOTATOR_SHUTDOWN_GRACE="0") as service:
        envoy = envoy_of(service)
        directory = Path(envoy.cmdline()[2]).parent
        assert directory.is_dir()
        other = Service(tmp_path / "other", VIDEOANNOTATOR_REST="true")
        with pytest.raises(AssertionError, match=r"VIDEOANNOTATOR_REST_PORT|Cannot listen"):
            other.start(VIDEOANNOTATOR_REST_PORT=service.url.rpartition(":")[2])
        other.close()
        assert service.stop() == 0
        assert not envoy.is_running()
        assert not directory.exists()


def test_a_service_that_is_killed_takes_its_envoy_along(tmp_path: Path) -> None:
    with running(tmp_path, VIDEOANNOTATOR_REST="true") as service:
        envoy = envoy_of(service)
        service.kill()
        eventually(lambda: not envoy.is_running() or envoy.status() == psutil.STATUS_ZOMBIE, 5)


# --- configurations for deployments ----------------------------------------------------------------------------------


def validated(directory: Path, text: str) -> None:
    """Have Envoy look at a configuration."""
    path = directory / "envoy.yaml"
    path.write_text(text)
    project = Path(__file__).parents[3]
    command = [str(envoy_binary()), "--mode", "validate", "-c", str(path), "--log-level", "error"]
    checked = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("tls", ["", "tls.yaml", "mtls.yaml"])
def test_the_configuration_of_a_deployment_is_valid(tmp_path: Path, tls: str) -> None:
    folder = Path(__file__).parents[3] / "envoy"
    text = (folder / "envoy.yaml").read_text()
    if tls:
        certificate(tmp_path)
        block = (folder / tls).read_text()
        for name in ("server.crt", "clients-ca.crt"):
            block = block.replace(f"envoy/{name}", str(tmp_path / "cert.pem"))
        block = block.replace("envoy/server.key", str(tmp_path / "key.pem"))
        marker = "        - # edit: TLS, see tls.yaml and mtls.yaml\n"
        indented = "".join(f"          {line}\n" for line in block.splitlines())
        assert text.count(marker) == 1
        text = text.replace(marker, f"        -\n{indented}")
    validated(tmp_path, text)


@pytest.mark.parametrize("origins", [("*",), ("https://a.example", "http://localhost:5173"), ()])
def test_what_serve_makes_of_it_is_valid(tmp_path: Path, origins: tuple[str, ...]) -> None:
    certificate(tmp_path)
    edge = Edge(
        host="::1",
        port=0,
        service_socket=tmp_path / "s",
        admin_socket=tmp_path / "a",
        origins=origins,
        requests_per_second=7,
        certificate=(tmp_path / "cert.pem", tmp_path / "key.pem"),
    )
    validated(tmp_path, render(edge))
