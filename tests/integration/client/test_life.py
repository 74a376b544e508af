"""The whole life of a job through the client."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from videoannotator_client import Client, Progress, has_ended

from tests.support.service import Service, eventually
from videoannotator.errors import InvalidConfigError, JobCancelledError, JobNotFoundError
from videoannotator.v1.types_pb2 import Job, JobStatus, VideoState

SLOW = {"person_tracking": {"frames_per_second": 0}}


@pytest.fixture(scope="module")
def finished(service: Service, short_video: Path) -> Job:
    """A job that is done, for tests that only read."""
    with Client(service.address, service.token) as client:
        return client.wait(client.submit(short_video, "scene", outputs="csv,coco", labels={"study": "life"}))


def test_a_video_is_submitted_watched_and_its_tables_are_read(va: Client, short_video: Path, tmp_path: Path):
    heard: list[Progress] = []
    video = shutil.copy(short_video, tmp_path / "new.mp4")
    job = va.submit(video, "scene", config={"scene": {"threshold": 20}}, outputs=["csv"], progress=heard.append)
    assert {each.task for each in heard} == {"checking new.mp4", "uploading new.mp4"}
    ended = va.wait(job, timeout=60, progress=heard.append)
    assert (ended.id, ended.status) == (job.id, JobStatus.JOB_STATUS_COMPLETED)
    assert heard[-1] == Progress("scene_detection", 50, 50, "frames")
    frame = va.results(job)["scene_detection"]
    assert list(frame["start_frame"]) == [0, 25]
    assert frame.attrs["pipeline"] == "scene_detection"
    assert frame.attrs["provenance"]["pipeline"]["config"]["threshold"] == 20


def test_results_are_fetched_as_files_and_as_an_archive(va: Client, finished: Job, tmp_path: Path):
    heard: list[Progress] = []
    paths = va.download_results(finished, tmp_path / "new", progress=heard.append)
    assert sorted(path.name for path in paths) == sorted(each.name for each in va.artifacts(finished))
    assert {(each.done, each.total) for each in heard} >= {(path.stat().st_size,) * 2 for path in paths}
    archive = va.download_archive(finished.id, tmp_path, formats="csv")
    with zipfile.ZipFile(archive) as opened:
        assert opened.namelist() == ["short_scene_detection.csv"]
    coco = va.download_results(finished, tmp_path, formats=["coco"])
    assert json.loads(coco[0].read_text())["info"]


def test_jobs_and_videos_are_listed_by_page_and_deleted(va: Client, finished: Job, short_video: Path):
    page = va.jobs(labels={"study": "life"}, status="completed", limit=1)
    assert [each.id for each in page] == [finished.id]
    assert page.total == 1
    assert finished.video_id in [each.id for each in va.videos()]
    job = va.submit(video_id=finished.video_id, pipelines=["scene"])
    va.delete(job, force=True)
    with pytest.raises(JobNotFoundError):
        va.job(job.id)
    video = va.upload(io.BytesIO(short_video.read_bytes() + b"\0\0\0\x08free"), filename="object.mp4")
    assert (video.state, video.filename) == (VideoState.VIDEO_STATE_READY, "object.mp4")
    va.delete_video(video.id)
    assert video.id not in [each.id for each in va.videos()]


def test_what_the_server_can_do_is_told(va: Client):
    assert "scene_detection" in [each.name for each in va.pipelines()]
    assert va.pipeline("person").name == "person_tracking"
    assert va.validate({"scene": {}}).normalized["scene_detection"]
    verdict = va.validate({"scene": {"threshold": -1}}, outputs="pdf")
    assert sorted(each.field for each in verdict.violations) == ["config.scene.threshold", "outputs[0]"]
    assert va.health().components
    assert va.server_info(timeout=5).api_version == "v1"


def test_tokens_are_made_and_revoked(va: Client, service: Service):
    created = va.create_token("reader", scope="read")
    assert created.token.id in [each.id for each in va.tokens()]
    with Client(service.address, created.secret) as reader:
        assert reader.jobs() == []
    va.revoke_token(created.token.id)


def test_a_wrong_configuration_uploads_nothing(va: Client, tmp_path: Path, short_video: Path):
    video = tmp_path / "never.mp4"
    video.write_bytes(short_video.read_bytes())
    with pytest.raises(InvalidConfigError) as caught:
        va.submit(video, "scene", config={"scene": {"threshold": -1, "colour": "red"}})
    assert len(caught.value.violations) == 2
    assert "never.mp4" not in [each.filename for each in va.videos()]


def test_a_run_ends_with_its_job(va: Client, short_video: Path):
    with va.run(short_video, "scene", outputs="csv") as run:
        assert run.job.id
        kinds = [event.WhichOneof("event") for event in run]
        assert (kinds[0], kinds[-1]) == ("snapshot", "terminal")
        assert run.job.status == JobStatus.JOB_STATUS_COMPLETED
        assert len(run.results()["scene_detection"]) == 2


@pytest.mark.parametrize("leave", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_is_left_by_an_exception_is_cancelled(va: Client, long_video: Path, leave: type[BaseException]):
    run = va.run(long_video, "person", config=SLOW)

    def leave_at_first_progress() -> None:
        with run:
            for event in run:
                if event.WhichOneof("event") == "progress":
                    raise leave

    with pytest.raises(leave):
        leave_at_first_progress()
    assert run.job.status == JobStatus.JOB_STATUS_CANCELLED
    assert va.job(run.job.id).status == JobStatus.JOB_STATUS_CANCELLED
    with pytest.raises(JobCancelledError):
        va.wait(run.job)


def test_a_watch_that_is_left_leaves_the_job_alone(va: Client, long_video: Path):
    job = va.submit(long_video, "person", config=SLOW)
    events = va.watch(job)
    next(events)
    events.close()
    with pytest.raises(TimeoutError, match="it goes on"):
        va.wait(job, timeout=0.5)
    assert not has_ended(va.job(job.id))
    assert va.stop(job).status == JobStatus.JOB_STATUS_CANCELLED
    assert va.retry(job).status == JobStatus.JOB_STATUS_PENDING
    va.cancel(job, "test")
    eventually(lambda: has_ended(va.job(job.id)), 20)
