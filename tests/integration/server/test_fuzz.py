"""Whatever bytes arrive: the answer is a result or an envelope, the fault is the caller's, and the service goes on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2, timestamp_pb2
from google.protobuf.descriptor import MethodDescriptor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.postgres import postgres
from tests.support.requests import METHODS, NASTY, complaint, messages, new_request, send, texts
from tests.support.service import Client, Service, envelope, running
from videoannotator.v1 import jobs_pb2, system_pb2, tokens_pb2, videos_pb2

FUZZ = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
BROKEN = {
    "no wire format": b"\xff\xff\xff",
    "cut short": b"\x0a\x7fabc",
    "no UTF-8": b"\x0a\x02\xff\xff",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on each kind of database: they object to different texts and numbers."""
    storage = tmp_path_factory.mktemp("target")
    if request.param == "sqlite":
        with running(storage) as service:
            yield service
            assert_never_failed(service)
    else:
        data = tmp_path_factory.mktemp("postgres")
        with postgres(data) as url, running(storage, VIDEOANNOTATOR_DATABASE_URL=url) as service:
            yield service
            assert_never_failed(service)


def assert_never_failed(service: Service) -> None:
    log = "".join(service.output)
    assert "INTERNAL_ERROR" not in log
    assert "Traceback" not in log


@pytest.fixture(scope="module")
def known(target: Service, short_video: Path) -> dict[str, list[str]]:
    """Values that exist, so that random requests get past the first check."""
    client = target.client()
    video = client.upload(short_video)
    job = client.wait(client.submit(video.id).id)
    return {
        "video_id": [video.id],
        "job_id": [job.id],
        "artifact_id": [job.runs[0].artifacts[0].id],
        "pipelines": ["scene", "person"],
        "outputs": ["csv"],
        "name": ["scene"],
    }


@pytest.fixture(scope="module")
def attacker(target: Service) -> Client:
    """Somebody with a good token and bad manners."""
    return target.client()


def assert_well_behaved(attacker: Client, method: MethodDescriptor, request: object) -> None:
    error = complaint(attacker, method, request)
    if error is not None:
        assert error.code() not in {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE}
        assert envelope(error).code != "INTERNAL_ERROR"


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_any_message_gets_a_result_or_an_envelope(
    attacker: Client, known: dict[str, list[str]], method: MethodDescriptor
) -> None:
    @FUZZ
    @given(messages(method.input_type, known))
    def check(request: object) -> None:
        assert_well_behaved(attacker, method, request)

    check()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_any_text_in_any_field_gets_a_result_or_an_envelope(
    attacker: Client, known: dict[str, list[str]], method: MethodDescriptor
) -> None:
    usual = {"video_id": known["video_id"][0], "job_id": "nobody", "pipelines": ["scene"], "filename": "a.mp4"}
    for field in texts(method.input_type):
        for text in NASTY:
            request = {name: value for name, value in usual.items() if name in method.input_type.fields_by_name}
            request[field.name] = [text] if field.is_repeated else text
            assert_well_behaved(attacker, method, new_request(method, **request))


@pytest.mark.parametrize("damage", BROKEN)
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_bytes_that_are_no_message_are_an_invalid_request(
    service: Service, method: MethodDescriptor, damage: str
) -> None:
    if damage == "no UTF-8" and not (
        method.input_type.fields and method.input_type.fields[0] in texts(method.input_type)
    ):
        pytest.skip("the first field of this request is no text")
    error = complaint(service.client(), method, BROKEN[damage])
    assert error is not None
    assert envelope(error).code == "INVALID_REQUEST"


@pytest.mark.parametrize(("depth", "code"), [(10, "INVALID_CONFIG"), (1000, "INVALID_REQUEST")])
def test_a_configuration_may_be_nested_but_not_without_end(service: Service, depth: int, code: str) -> None:
    config = b""
    for _ in range(depth):
        config = _field(1, _field(1, b"k") + _field(2, _field(5, config)))
    request = _field(1, b"video") + _field(2, b"scene") + _field(3, config)
    method = jobs_pb2.DESCRIPTOR.services_by_name["JobService"].methods_by_name["SubmitJob"]
    error = complaint(service.client(), method, request)
    assert error is not None
    assert envelope(error).code == code


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited protobuf field."""
    length, encoded = len(content), b""
    while length > 127:
        encoded += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + encoded + bytes([length]) + content


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_cannot_say_are_refused(service: Service, number: float) -> None:
    config = struct_pb2.Struct()
    config.fields["scene_detection"].struct_value.fields["threshold"].number_value = number
    for name, owner in (("SubmitJob", "JobService"), ("RunJob", "JobService"), ("ValidateConfig", "PipelineService")):
        method = next(each for each in METHODS if (each.name, each.containing_service.name) == (name, owner))
        error = complaint(service.client(), method, new_request(method, config=config))
        assert error is not None
        assert (envelope(error).code, envelope(error).field) == ("INVALID_REQUEST", "config")


@pytest.mark.parametrize(("seconds", "nanos"), [(2**62, 0), (-(2**63), 0), (253402300799, 999_999_999), (2**33, -5)])
def test_a_token_with_an_absurd_expiry_is_refused_and_the_list_stays_readable(
    service: Service, seconds: int, nanos: int
) -> None:
    tokens = service.client().tokens
    when = timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos)
    with pytest.raises(grpc.RpcError) as error:
        tokens.CreateToken(tokens_pb2.CreateTokenRequest(name="eternal", expires_at=when))
    assert envelope(error.value).field == "expires_at"
    assert tokens.ListTokens(tokens_pb2.ListTokensRequest()).tokens


def test_a_job_is_found_by_any_labels(attacker: Client, short_video: Path) -> None:
    video = attacker.upload(short_video)

    @settings(parent=FUZZ, max_examples=25)
    @given(
        st.dictionaries(st.text(min_size=1, max_size=64).filter(lambda t: "\0" not in t), st.just("yes"), max_size=3)
    )
    def check(labels: dict[str, str]) -> None:
        job = attacker.submit(video.id, labels=labels, priority=-100)
        attacker.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job.id))
        found = attacker.jobs.ListJobs(jobs_pb2.ListJobsRequest(labels=labels, page_size=1)).jobs
        assert [each.id for each in found] == [job.id]

    check()


@pytest.mark.parametrize("labels", [{"a\0": "x"}, {"a": "\0"}, {f"k{n}": "v" for n in range(33)}])
def test_labels_that_no_job_can_have_are_refused_in_filters_too(service: Service, labels: dict[str, str]) -> None:
    client = service.client()
    with pytest.raises(grpc.RpcError) as error:
        client.jobs.ListJobs(jobs_pb2.ListJobsRequest(labels=labels))
    assert (envelope(error.value).code, envelope(error.value).field) == ("INVALID_REQUEST", "labels")


def test_what_is_longer_than_a_message_may_be_is_refused_by_the_transport(service: Service) -> None:
    client = service.client()
    chunk = videos_pb2.WriteVideoRequest(video_id="x", data=b"x" * (9 * 2**20))
    with pytest.raises(grpc.RpcError) as error:
        client.videos.WriteVideo(iter([chunk]))
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    flood = [(f"key-{number}", "v" * 100) for number in range(1000)]
    with pytest.raises(grpc.RpcError) as error:
        client.channel.unary_unary("/videoannotator.v1.SystemService/GetHealth")(b"", metadata=flood)
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert_serving(service)


def test_bytes_that_are_no_grpc_harm_nobody(service: Service) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    hellos = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        bytes(range(256)) * 64,
        preface,
        preface + b"\xff" * 10_000,
        preface + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\xff\xff\x01\x25\x00\x00\x00\x01" + bytes(5000),
        b"",
    ]
    host, port = service.address.rsplit(":", 1)
    for hello in hellos * 5:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(hello)
    assert_serving(service)


def assert_serving(service: Service) -> None:
    health = service.client().system.GetHealth(system_pb2.GetHealthRequest())
    assert health.status == system_pb2.HEALTH_STATUS_HEALTHY


def test_calls_that_do_not_exist_are_unimplemented(service: Service) -> None:
    call = service.client().channel.unary_unary("/videoannotator.v1.JobService/DropTables")
    with pytest.raises(grpc.RpcError) as error:
        call(b"")
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_error_never_repeats_more_of_a_request_than_fits(service: Service) -> None:
    method = jobs_pb2.DESCRIPTOR.services_by_name["JobService"].methods_by_name["GetJob"]
    with pytest.raises(grpc.RpcError) as error:
        send(service.client(), method, jobs_pb2.GetJobRequest(job_id="x" * 4_000_000))
    assert envelope(error.value).code == "JOB_NOT_FOUND"
    assert len(envelope(error.value).detail["job_id"]) == 200
