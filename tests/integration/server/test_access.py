"""Tokens open what they should and nothing else, for every RPC that there is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor

from tests.support.service import Client, Service, envelope
from videoannotator.v1 import (
    artifacts_pb2,
    jobs_pb2,
    pipelines_pb2,
    system_pb2,
    tokens_pb2,
    types_pb2,
    videos_pb2,
)

SERVICES = [
    service
    for module in (videos_pb2, jobs_pb2, artifacts_pb2, pipelines_pb2, system_pb2, tokens_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
]
METHODS = [method for service in SERVICES for method in service.methods]
OPEN = {"GetHealth", "GetServerInfo"}
PUBLIC_IDS = {"video_id", "job_id", "artifact_id"}


def call(client: Client, method: MethodDescriptor, token: str | None, **fields: Any) -> Any:
    """Call any method by its descriptor; return the first answer."""
    request_class = message_factory.GetMessageClass(method.input_type)
    names = {field.name for field in method.input_type.fields}
    request = request_class(**{name: value for name, value in fields.items() if name in names})
    kind = ("stream" if method.client_streaming else "unary") + "_" + ("stream" if method.server_streaming else "unary")
    stub = getattr(client.channel, kind)(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=request_class.SerializeToString,
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    argument = iter([request]) if method.client_streaming else request
    answer = stub(argument, metadata=metadata, timeout=20)
    return next(answer) if method.server_streaming else answer


def make_token(client: Client, name: str, scope: int = tokens_pb2.TOKEN_SCOPE_WRITE) -> tokens_pb2.CreatedToken:
    return client.tokens.CreateToken(tokens_pb2.CreateTokenRequest(name=name, scope=scope))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_no_rpc_but_the_open_ones_answers_without_a_token(service: Service, method: MethodDescriptor) -> None:
    stranger = service.client("")
    if method.name in OPEN:
        assert call(stranger, method, None) is not None
        return
    with pytest.raises(grpc.RpcError) as error:
        call(stranger, method, None)
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert envelope(error.value).code == "UNAUTHORIZED"


@pytest.mark.parametrize("token", ["nonsense", "va_1_2_3", "dev-token", "va_000000000000_" + "0" * 48 + "_00000000"])
def test_a_bad_token_is_refused(service: Service, token: str) -> None:
    method = jobs_pb2.DESCRIPTOR.services_by_name["JobService"].methods_by_name["ListJobs"]
    with pytest.raises(grpc.RpcError) as error:
        call(service.client(""), method, token)
    assert envelope(error.value).code == "UNAUTHORIZED"


@pytest.fixture(scope="module")
def belongings(service: Service, short_video: Path) -> dict[str, str]:
    """Ids of things that belong to somebody."""
    admin = service.client()
    owner = service.client(make_token(admin, "owner").secret)
    video = owner.upload(short_video)
    job = owner.wait(owner.submit(video.id).id)
    return {"video_id": video.id, "job_id": job.id, "artifact_id": job.runs[0].artifacts[0].id}


OWNED = [method for method in METHODS if PUBLIC_IDS & {field.name for field in method.input_type.fields}]


@pytest.mark.parametrize("method", OWNED, ids=lambda method: method.name)
def test_someone_elses_and_a_missing_thing_answer_alike(
    service: Service, belongings: dict[str, str], method: MethodDescriptor
) -> None:
    stranger = service.client(make_token(service.client(), f"stranger-{method.name}").secret)
    answers = []
    for ids in (belongings, {name: "0" * len(thing) for name, thing in belongings.items()}):
        fields = {**ids, "pipelines": ["scene"]}
        try:
            answer = call(stranger, method, stranger.token, **fields)
            answers.append(str(answer))
        except grpc.RpcError as error:
            found = envelope(error)
            text = found.message + str(sorted(found.detail.fields))
            for thing in ids.values():
                text = text.replace(thing, "ID")
            answers.append((error.code(), found.code, text, found.hint))
    assert answers[0] == answers[1]
    assert method.name == "ListJobs" or answers[0][0] is grpc.StatusCode.NOT_FOUND


def test_owners_see_their_own_only_and_the_administrator_everything(
    service: Service, belongings: dict[str, str]
) -> None:
    stranger = service.client(make_token(service.client(), "nosy").secret)
    assert stranger.jobs.ListJobs(jobs_pb2.ListJobsRequest()).total == 0
    assert stranger.videos.ListVideos(videos_pb2.ListVideosRequest()).total == 0
    assert service.client().job(belongings["job_id"]).id == belongings["job_id"]


def test_scopes_bound_what_a_token_does(service: Service) -> None:
    admin = service.client()
    reader = service.client(make_token(admin, "reader", tokens_pb2.TOKEN_SCOPE_READ).secret)
    assert reader.jobs.ListJobs(jobs_pb2.ListJobsRequest()).total == 0
    for forbidden in (
        lambda: reader.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename="a", size_bytes=1)),
        lambda: reader.submit("x"),
        lambda: reader.tokens.ListTokens(tokens_pb2.ListTokensRequest()),
        lambda: service.client(make_token(admin, "writer").secret).tokens.ListTokens(tokens_pb2.ListTokensRequest()),
    ):
        with pytest.raises(grpc.RpcError) as error:
            forbidden()
        assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert envelope(error.value).code == "FORBIDDEN"


def test_revoking_works_within_a_second_also_on_open_calls(service: Service, long_video: Path) -> None:
    admin = service.client()
    made = make_token(admin, "leaver")
    leaver = service.client(made.secret)
    video = leaver.upload(long_video)
    job = leaver.submit(video.id, "person")
    watch = leaver.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id))
    assert next(watch).HasField("snapshot")
    revoked_at = time.monotonic()
    admin.tokens.RevokeToken(tokens_pb2.RevokeTokenRequest(token_id=made.token.id))
    with pytest.raises(grpc.RpcError) as open_call:
        for _ in watch:
            pass
    assert envelope(open_call.value).code == "UNAUTHORIZED"
    with pytest.raises(grpc.RpcError) as next_call:
        leaver.job(job.id)
    assert next_call.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert time.monotonic() - revoked_at < 1
    assert admin.job(job.id).status in {types_pb2.JOB_STATUS_PENDING, types_pb2.JOB_STATUS_RUNNING}
    admin.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id, force=True))


def test_a_token_that_expires_ends_the_calls_that_it_opened(service: Service, long_video: Path) -> None:
    admin = service.client()
    job = admin.submit(admin.upload(long_video).id, "person")
    request = tokens_pb2.CreateTokenRequest(name="guest", owner="admin", scope=tokens_pb2.TOKEN_SCOPE_READ)
    request.expires_at.FromMilliseconds(int(1000 * (time.time() + 1.5)))
    guest = service.client(admin.tokens.CreateToken(request).secret)
    watch = guest.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id, after_sequence=0), timeout=20)
    assert next(watch).HasField("snapshot")
    with pytest.raises(grpc.RpcError) as error:
        list(watch)
    assert envelope(error.value).code == "UNAUTHORIZED"
    admin.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id, force=True))


@pytest.mark.slow
def test_revoking_in_the_midst_of_a_message_leaves_no_client_waiting(service: Service, short_video: Path) -> None:
    admin = service.client()
    job = admin.wait(admin.submit(admin.upload(short_video).id, "person", "scene").id)
    request = artifacts_pb2.DownloadArchiveRequest(job_id=job.id, include_video=True)
    for _ in range(30):
        made = admin.tokens.CreateToken(tokens_pb2.CreateTokenRequest(name="guest", owner="admin"))
        guest = service.client(made.secret)
        watch = guest.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.id, after_sequence=0), timeout=10)
        archive = guest.artifacts.DownloadArchive(request, timeout=10)
        admin.tokens.RevokeToken(tokens_pb2.RevokeTokenRequest(token_id=made.token.id))
        for stream in (watch, archive):
            try:
                list(stream)
            except grpc.RpcError as error:
                codes = {error.code()}
                assert codes == {grpc.StatusCode.UNAUTHENTICATED}, codes


def test_secrets_are_shown_once_and_logged_never(service: Service) -> None:
    admin = service.client()
    made = make_token(admin, "once")
    listed = admin.tokens.ListTokens(tokens_pb2.ListTokensRequest()).tokens
    assert made.token.id in {token.id for token in listed}
    assert made.secret not in str(listed)
    service.client(made.secret).jobs.ListJobs(jobs_pb2.ListJobsRequest())
    log = "".join(service.output[2:])
    assert made.secret not in log
    assert service.token not in log


def test_strangers_learn_only_whether_the_service_works(service: Service) -> None:
    stranger = service.client("").system
    health = stranger.GetHealth(system_pb2.GetHealthRequest())
    assert health.status == system_pb2.HEALTH_STATUS_HEALTHY
    assert not health.components
    full = service.client().system.GetHealth(system_pb2.GetHealthRequest())
    assert {part.name for part in full.components} == {"database", "storage", "queue", "pipelines"}
    assert full.workers.max_cpu_jobs == 2
    info = stranger.GetServerInfo(system_pb2.GetServerInfoRequest())
    assert info.version
    assert info.auth_required
