"""What a client of the earlier program does with a job, and what is new."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Rest
from tests.support.service import eventually

OLDER_KEYS = {
    "id",
    "status",
    "video_path",
    "video_filename",
    "video_size_bytes",
    "video_duration_seconds",
    "config",
    "selected_pipelines",
    "created_at",
    "completed_at",
    "error_message",
    "result_path",
    "storage_path",
    "queue_position",
}
NEW_KEYS = {
    "queued_at",
    "started_at",
    "cancelled_at",
    "updated_at",
    "progress",
    "attempt",
    "max_attempts",
    "success_rate",
    "pipelines",
    "error",
}


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/jobs/"])
def test_a_form_with_a_video_becomes_a_job(rest: Rest, short_video: Path, path: str) -> None:
    from tests.support.rest import form

    config = {"scene_detection": {"threshold": 30, "min_scene_length": 0.5}}
    body, kind = form(
        {"selected_pipelines": "scene", "config": json.dumps(config)}, "clip ä.mp4", short_video.read_bytes()
    )
    answer = rest.post(path, body, headers={"content-type": kind})
    assert answer.status == 201
    job = answer.json()
    assert set(job) >= OLDER_KEYS | NEW_KEYS
    assert job["status"] == "pending"
    assert job["selected_pipelines"] == ["scene_detection"]
    assert job["config"]["scene_detection"]["threshold"] == 30
    assert job["video_filename"] == "clip ä.mp4"
    assert job["video_size_bytes"] == short_video.stat().st_size
    assert job["video_duration_seconds"] == 2
    assert job["created_at"].endswith("Z")
    assert job["completed_at"] is job["error"] is job["error_message"] is job["video_path"] is None
    assert [run["pipeline"] for run in job["pipelines"]] == ["scene_detection"]


def test_a_finished_job_tells_its_results(rest: Rest, finished: dict[str, Any]) -> None:
    assert rest.get(f"/api/v1/jobs/{finished['id']}").json() == finished
    assert finished["progress"] == finished["success_rate"] == 1
    results = rest.get(f"/api/v1/jobs/{finished['id']}/results/").json()
    assert results["status"] == "completed"
    run = results["pipeline_results"]["scene_detection"]
    assert run["status"] == "completed"
    assert run["processing_time"] > 0
    assert run["annotation_count"] == 2
    assert (run["units_done"], run["units_failed"], run["units_total"], run["unit"]) == (50, 0, 50, "frames")
    assert [run["unit"] for run in finished["pipelines"]] == ["frames"]
    assert run["output_file"] == "short_scene_detection.json"
    main = rest.get(run["download_url"])
    assert main.status == 200
    assert len(json.loads(main.body)["annotations"]) == 2
    by_alias = rest.get(f"/api/v1/jobs/{finished['id']}/results/files/scene")
    assert by_alias.body == main.body
    listed = rest.get(f"/api/v1/artifacts?job_id={finished['id']}").json()["artifacts"]
    assert {each["name"] for each in listed} == {each["name"] for each in results["artifacts"]}


def test_the_zip_has_everything_and_says_how_long_it_is(
    rest: Rest, finished: dict[str, Any], short_video: Path
) -> None:
    path = f"/api/v1/jobs/{finished['id']}/artifacts"
    whole, without = rest.get(path), rest.get(f"{path}?video=false")
    assert whole.headers["content-length"] == str(len(whole.body))
    assert f"job_{finished['id']}_artifacts.zip" in whole.headers["content-disposition"]
    names = set(zipfile.ZipFile(io.BytesIO(without.body)).namelist())
    archive = zipfile.ZipFile(io.BytesIO(whole.body))
    assert set(archive.namelist()) == names | {"short_source.mp4"}
    assert archive.read("short_source.mp4") == short_video.read_bytes()
    assert rest.call("HEAD", path).headers["content-length"] == str(len(whole.body))


def test_a_video_is_sent_once_and_annotated_often(rest: Rest, short_video: Path) -> None:
    data = short_video.read_bytes()
    announced = rest.post("/api/v1/videos", {"filename": "v.mp4", "size_bytes": len(data)})
    assert announced.status == 201
    video = announced.json()
    assert (video["state"], video["committed_bytes"]) == ("uploading", 0)
    part = rest.put(f"/api/v1/videos/{video['id']}?offset=0", data[:1000])
    assert (part.status, part.json()["committed_bytes"]) == (200, 1000)
    assert rest.get(f"/api/v1/videos/{video['id']}").json()["committed_bytes"] == 1000
    whole = rest.put(f"/api/v1/videos/{video['id']}/?offset=1000", data[1000:]).json()
    assert whole["state"] == "ready"
    assert whole["media"]["frame_count"] == 50
    jobs = [
        rest.post("/api/v1/jobs", {"video_id": video["id"], "pipelines": ["scene"], "labels": {"n": str(n)}})
        for n in range(2)
    ]
    assert [job.status for job in jobs] == [201, 201]
    listed = rest.get(f"/api/v1/jobs?video_id={video['id']}&per_page=1").json()
    assert (listed["total"], listed["page"], listed["per_page"]) == (2, 1, 1)
    assert listed["jobs"][0]["id"] == jobs[1].json()["id"]  # newest first
    refused = rest.delete(f"/api/v1/videos/{video['id']}")
    assert refused.status in (204, 409)  # 409 while a job needs it
    for job in jobs:
        path = f"/api/v1/jobs/{job.json()['id']}"
        assert rest.delete(f"{path}?force=true").status == 204
        assert rest.get(path).status == 404


def test_a_running_job_is_cancelled_and_retried(rest: Rest, long_video: Path) -> None:
    job = rest.submit(long_video, "person").json()
    path = f"/api/v1/jobs/{job['id']}"
    eventually(lambda: rest.get(path).json()["status"] == "running", 30)
    assert rest.delete(path).status == 409
    answer = rest.post(f"{path}/cancel", {"reason": "wrong camera"})
    assert answer.status == 200
    cancelled = answer.json()
    assert cancelled["job_id"] == cancelled["id"] == job["id"]
    assert cancelled["status"] in ("cancelling", "cancelled")
    assert cancelled["message"]
    eventually(lambda: rest.get(path).json()["status"] == "cancelled", 10)
    ended = rest.get(path).json()
    assert ended["cancel_reason"] == "wrong camera"
    assert ended["cancelled_at"].endswith("Z")
    assert rest.post(f"{path}/cancel").status == 200  # again, without a body
    assert rest.post(f"{path}/retry").json()["status"] == "pending"
    assert rest.delete(f"{path}?force=true").status == 204


def test_older_options_are_translated_or_dropped_aloud(rest: Rest, short_video: Path) -> None:
    config = {
        "person_tracking": {"model": "models/yolo/yolo11n-pose.pt", "conf_threshold": 0.5, "track_mode": True},
        "laion_voice": {"model_size": "small"},
    }
    answer = rest.post("/api/v1/config/validate", {"config": config})
    assert answer.status == 200
    validation = answer.json()
    assert validation["valid"], validation
    assert validation["pipelines_validated"] == ["person_tracking"]
    told = " ".join(warning["message"] for warning in validation["warnings"])
    assert "config.person_tracking.model" in told
    job = rest.submit(short_video, "person", config=json.dumps(config)).json()
    assert job["config"]["person_tracking"]["confidence_threshold"] == 0.5
    assert any("config.person_tracking.model" in warning for warning in job["warnings"])
    rest.delete(f"/api/v1/jobs/{job['id']}?force=true")


def test_a_form_is_drawn_from_the_schema(rest: Rest) -> None:
    listed = rest.get("/api/v1/pipelines").json()
    assert listed["total"] == len(listed["pipelines"])
    person = next(each for each in listed["pipelines"] if each["name"] == "person_tracking")
    assert person["enabled"]
    assert person["pipeline_family"] == "person"
    assert person["config_schema"]["confidence_threshold"]["maximum"] == 1
    drawn = rest.get("/api/v1/pipelines/person/schema").json()
    assert drawn == rest.get("/api/v1/pipelines/schema/person_tracking/").json()
    fields = {field["name"]: field for field in drawn["parameters"]}
    assert fields["confidence_threshold"]["type"] == "number"
    assert (fields["confidence_threshold"]["min"], fields["confidence_threshold"]["max"]) == (0.05, 1)
    assert fields["tracking"]["type"] == "boolean"
    scene = {field["name"]: field for field in rest.get("/api/v1/pipelines/scene/schema").json()["parameters"]}
    assert scene["detector"]["type"] == "enum"
    assert {"value": "content", "label": "content"} in scene["detector"]["enum"]


def test_wrong_configurations_are_told_option_by_option(rest: Rest) -> None:
    content = rest.post("/api/v1/pipelines/scene/validate", {"config": {"threshold": -1}}).json()
    assert not content["valid"]
    assert content["errors"][0]["field"] == "config.scene_detection.threshold"
    assert content["errors"][0]["pipeline"] == "scene_detection"
    assert content["errors"][0]["code"] == "VALUE_OUT_OF_RANGE"


def test_tokens_are_made_used_and_revoked(rest: Rest) -> None:
    made = rest.post("/api/v1/tokens", {"name": "camera", "scope": "read"})
    assert made.status == 201
    token = made.json()
    assert token["scope"] == "read"
    assert rest.get("/api/v1/jobs", token=token["secret"]).json()["total"] == 0
    refused = rest.post("/api/v1/jobs/x/cancel", token=token["secret"])
    assert (refused.status, refused.error()["code"]) == (403, "FORBIDDEN")
    assert token["id"] in {each["id"] for each in rest.get("/api/v1/tokens").json()["tokens"]}
    assert rest.delete(f"/api/v1/tokens/{token['id']}").status == 204
    assert rest.get("/api/v1/jobs", token=token["secret"]).status == 401


def test_health_and_facts_about_the_service(rest: Rest) -> None:
    stranger = rest.get("/api/v1/system/health", token="")
    assert stranger.json()["status"] == "healthy"
    assert stranger.json()["security"] == {"auth_required": True}
    assert "system" not in stranger.json()
    health = rest.get("/api/v1/system/health").json()
    assert {"uptime_seconds", "gpu_status", "worker_info", "workers", "diagnostics", "pipelines"} <= set(health)
    assert rest.get("/health", token="").json()["status"] == "healthy"
    assert rest.get("/api/v1/health").json()["status"] == "ok"
    assert rest.get("/api/v1/health?detailed=true").json()["details"]["database"]["status"] == "ok"
    assert rest.get("/api/v1/health?detailed=true", token="").status == 401
    assert rest.get("/version", token="").json() == rest.get("/api/v1/version/", token="").json()
    assert rest.get("/api/v1/system/metrics").json()["metrics"]["api_requests_total"] > 0
    assert rest.get("/api/v1/system/config").json()["features"]["authentication"] is True
    assert rest.get("/api/v1/system/database").json()["backend_type"] == "sqlite"
    metrics = rest.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert b'videoannotator_calls_total{service="videoannotator.rest.v1.RestService"' in metrics.body
    assert rest.call("HEAD", "/health", token="").status == 200
