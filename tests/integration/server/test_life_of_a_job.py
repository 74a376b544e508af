"""A real video goes through a job, end to end, over gRPC."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import grpc
import pytest

from tests.support.history import numbers
from tests.support.service import Client, envelope, sha256
from videoannotator.v1 import artifacts_pb2, jobs_pb2, types_pb2, videos_pb2


@pytest.fixture(scope="module")
def finished(service, short_video: Path) -> types_pb2.Job:
    """A job on the short video that has ended."""
    client = service.client()
    video = client.upload(short_video)
    job = client.submit(video.id, "person_tracking", "scene", labels={"family": "7"}, priority=5)
    return client.wait(job.id)


def test_the_upload_is_probed_and_hashed(client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    assert video.state == types_pb2.VIDEO_STATE_READY
    assert video.committed_bytes == video.size_bytes == short_video.stat().st_size
    assert video.sha256 == sha256(short_video.read_bytes())
    assert (video.media.width, video.media.height) == (160, 120)
    assert video.media.duration.ToMilliseconds() == 2000


def test_the_job_succeeds_with_all_its_facts(finished: types_pb2.Job) -> None:
    assert finished.status == types_pb2.JOB_STATUS_COMPLETED
    assert list(finished.pipelines) == ["person_tracking", "scene_detection"]
    assert finished.progress == finished.success_rate == 1.0
    assert finished.attempt == 1
    assert dict(finished.labels) == {"family": "7"}
    assert not finished.HasField("error")
    assert not finished.HasField("queue_position")
    assert [run.status for run in finished.runs] == [types_pb2.RUN_STATUS_COMPLETED] * 2
    assert finished.runs[1].units_done == 50
    assert finished.runs[1].annotation_count == 2
    assert finished.config["scene_detection"]["threshold"] > 0


def test_the_watch_tells_the_whole_story_in_order(client: Client, finished: types_pb2.Job) -> None:
    request = jobs_pb2.WatchJobRequest(job_id=finished.id, after_sequence=0)
    events = list(client.jobs.WatchJob(request))
    assert events[0].HasField("snapshot")
    assert events[-1].HasField("terminal")
    assert events[-1].terminal.job == client.job(finished.id)
    assert numbers(events) == [event.sequence for event in events[1:]] == list(range(1, len(events)))
    statuses = [event.status.status for event in events if event.HasField("status")]
    assert statuses == [
        types_pb2.JOB_STATUS_PENDING,
        types_pb2.JOB_STATUS_RUNNING,
        types_pb2.JOB_STATUS_COMPLETED,
    ]
    progress = [event.progress.job_progress for event in events if event.HasField("progress")]
    assert progress == sorted(progress)
    assert {event.progress.pipeline for event in events if event.HasField("progress")} == set(finished.pipelines)


def test_a_watch_resumes_after_any_sequence(client: Client, finished: types_pb2.Job) -> None:
    whole = list(client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=finished.id, after_sequence=0)))
    for after in range(whole[-1].sequence):
        resumed = list(client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=finished.id, after_sequence=after)))
        assert [event.sequence for event in resumed[1:]] == list(range(after + 1, len(whole)))


def test_a_watch_of_an_ended_job_has_snapshot_and_terminal(client: Client, finished: types_pb2.Job) -> None:
    kinds = [event.WhichOneof("event") for event in client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=finished.id))]
    assert kinds == ["snapshot", "terminal"]


def test_every_artifact_downloads_from_any_offset_with_its_checksum(client: Client, finished: types_pb2.Job) -> None:
    artifacts = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=finished.id)).artifacts
    always = {"ndjson", "provenance", "results"}
    usual = {"coco", "csv", "preview", "timeline"}
    assert {artifact.format for artifact in artifacts} == always | usual | {"tracks"}
    for artifact in artifacts:
        assert artifact.name.startswith("short_")
        request = artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id)
        first, *rest = client.artifacts.DownloadArtifact(request)
        whole = b"".join(chunk.data for chunk in (first, *rest))
        assert sha256(whole) == artifact.sha256 == first.header.sha256
        assert len(whole) == artifact.size_bytes == first.header.size_bytes
        for offset in {0, 1, len(whole) // 2, len(whole) - 1, len(whole)}:
            request = artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id, offset=offset)
            assert b"".join(chunk.data for chunk in client.artifacts.DownloadArtifact(request)) == whole[offset:]


def test_an_offset_beyond_the_end_is_out_of_range(client: Client, finished: types_pb2.Job) -> None:
    artifact = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=finished.id)).artifacts[0]
    request = artifacts_pb2.DownloadArtifactRequest(artifact_id=artifact.id, offset=artifact.size_bytes + 1)
    with pytest.raises(grpc.RpcError) as error:
        list(client.artifacts.DownloadArtifact(request))
    assert error.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert envelope(error.value).code == "RANGE_NOT_SATISFIABLE"


def test_the_archive_holds_every_artifact_and_the_video(
    client: Client, finished: types_pb2.Job, short_video: Path
) -> None:
    request = artifacts_pb2.DownloadArchiveRequest(job_id=finished.id, include_video=True)
    data = b"".join(chunk.data for chunk in client.artifacts.DownloadArchive(request))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        artifacts = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=finished.id)).artifacts
        for artifact in artifacts:
            assert sha256(archive.read(artifact.name)) == artifact.sha256
        assert archive.read("short_source.mp4") == short_video.read_bytes()


def test_results_name_the_artifacts_of_each_pipeline(client: Client, finished: types_pb2.Job) -> None:
    results = client.jobs.GetJobResults(jobs_pb2.GetJobResultsRequest(job_id=finished.id))
    assert results.status == types_pb2.JOB_STATUS_COMPLETED
    assert all({"coco", "csv"} <= {each.format for each in run.artifacts} for run in results.runs)
    assert {each.format for each in results.artifacts} >= {"provenance"}


def test_artifacts_carry_their_provenance(client: Client, finished: types_pb2.Job, short_video: Path) -> None:
    results = client.jobs.GetJobResults(jobs_pb2.GetJobResultsRequest(job_id=finished.id))
    text = json.dumps([str(artifact.provenance) for run in results.runs for artifact in run.artifacts])
    assert sha256(short_video.read_bytes()) in text
    assert all(artifact.provenance.fields for run in results.runs for artifact in run.artifacts)


def test_only_the_outputs_that_were_asked_for_are_written(client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    job = client.wait(client.submit(video.id, outputs=["csv"]).id)
    artifacts = client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=job.id)).artifacts
    assert {artifact.format for artifact in artifacts} == {"csv", "ndjson", "provenance", "results"}


def test_the_same_request_id_gives_the_same_job(client: Client, short_video: Path) -> None:
    video = client.upload(short_video, request_id="once")
    again = client.upload(short_video, request_id="once")
    assert video == again
    jobs = {client.submit(video.id, request_id="job-once").id for _ in range(5)}
    assert len(jobs) == 1
    with pytest.raises(grpc.RpcError) as error:
        client.submit(video.id, request_id="job-once", priority=1)
    assert envelope(error.value).code == "REQUEST_ID_REUSED"


def test_validate_only_stores_nothing(client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    before = client.jobs.ListJobs(jobs_pb2.ListJobsRequest()).total
    job = client.submit(video.id, validate_only=True)
    assert job.id == ""
    assert job.config["scene_detection"]
    assert client.jobs.ListJobs(jobs_pb2.ListJobsRequest()).total == before


def test_lists_page_newest_first(client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    ids = [client.submit(video.id, labels={"list": "paged"}).id for _ in range(5)]
    seen, token = [], ""
    while True:
        request = jobs_pb2.ListJobsRequest(labels={"list": "paged"}, page_size=2, page_token=token)
        page = client.jobs.ListJobs(request)
        assert page.total == 5
        seen += [job.id for job in page.jobs]
        token = page.next_page_token
        if not token:
            break
    assert seen == ids[::-1]
    counted = client.jobs.ListJobs(jobs_pb2.ListJobsRequest(labels={"list": "paged"}, page=2, per_page=2))
    assert [job.id for job in counted.jobs] == seen[2:4]
    for job_id in ids:
        client.wait(job_id)


def test_an_ended_job_is_deleted_with_its_files(service, client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    job = client.wait(client.submit(video.id).id)
    assert (service.storage / "results" / job.id).exists()
    client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.id))
    assert not (service.storage / "results" / job.id).exists()
    with pytest.raises(grpc.RpcError) as error:
        client.job(job.id)
    assert envelope(error.value).code == "JOB_NOT_FOUND"


def test_results_outlive_their_video(service, client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    job = client.wait(client.submit(video.id).id)
    client.videos.DeleteVideo(videos_pb2.DeleteVideoRequest(video_id=video.id))
    assert not (service.storage / "uploads" / video.id).exists()
    assert client.artifacts.ListArtifacts(artifacts_pb2.ListArtifactsRequest(job_id=job.id)).artifacts
