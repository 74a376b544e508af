"""The audit log tells who did what, over gRPC and REST alike, and holds no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Rest
from tests.support.service import Service, running
from videoannotator.v1 import artifacts_pb2, jobs_pb2, tokens_pb2, videos_pb2


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, VIDEOANNOTATOR_REST="true") as service:
        yield service


def lines(service: Service) -> list[dict[str, Any]]:
    (month,) = (service.storage / "audit").iterdir()
    assert month.stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in month.read_text().splitlines()]


def told(service: Service) -> list[tuple[str, str]]:
    return [(line["action"], line["owner"]) for line in lines(service)]


def test_every_step_over_grpc_is_told_with_its_owner(audited: Service, short_video: Path) -> None:
    admin = audited.client()
    created = admin.tokens.CreateToken(tokens_pb2.CreateTokenRequest(name="lab"))
    lab = audited.client(created.secret)
    video = lab.upload(short_video)
    job = lab.wait(lab.submit(video.id).id)
    artifact = lab.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=job.id)).artifacts[0]
    list(lab.artifacts.DownloadArtifact(artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id)))
    admin.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id))
    lab.videos.DeleteVideo(videos_pb2.DeleteVideoRequest(video_id=video.id))
    admin.tokens.RevokeToken(tokens_pb2.RevokeTokenRequest(token_id=created.token.id))
    assert told(audited) == [
        ("token.created", "machine"),
        ("token.created", "admin"),
        ("video.announced", "lab"),
        ("video.ready", "lab"),
        ("job.submitted", "lab"),
        ("result.read", "lab"),
        ("job.deleted", "admin"),
        ("video.deleted", "lab"),
        ("token.revoked", "admin"),
    ]
    submitted = lines(audited)[4]
    assert (submitted["job_id"], submitted["video_id"]) == (job.id, video.id)
    assert submitted["token_id"] == created.token.id
    assert created.secret.split("_")[2] not in (audited.storage / "audit").iterdir().__next__().read_text()


def test_rest_is_told_with_the_id_of_its_request(audited: Service, short_video: Path) -> None:
    rest = Rest(audited.url, audited.token)
    job = rest.submit(short_video).json()
    rest.call("POST", f"/api/v1/jobs/{job['id']}/cancel", headers={"x-request-id": "from-a-browser"})
    actions = {line["action"]: line for line in lines(audited)}
    assert actions["video.ready"]["video_id"] == actions["job.submitted"]["video_id"]
    assert actions["job.submitted"]["request_id"]
    if "job.cancelled" in actions:  # unless the job was faster
        assert actions["job.cancelled"]["request_id"] == "from-a-browser"


def test_a_call_that_is_refused_did_nothing(audited: Service) -> None:
    admin = audited.client()
    with pytest.raises(Exception, match="There is no job"):
        admin.jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id="nope"))
    assert told(audited) == [("token.created", "machine")]
