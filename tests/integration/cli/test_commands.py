"""Every command, as its user types it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.support.history import numbers_of_lines
from tests.support.service import Service
from videoannotator.pipelines.registry import Registry


@pytest.fixture(scope="module")
def finished_job(service: Service, short_video: Path) -> str:
    """A job that is through."""
    client = service.client()
    video = client.upload(short_video)
    return client.wait(client.submit(video.id).id).id


def error_of(result) -> str:
    return result.stderr.splitlines()[0].split(":")[0]


def test_run_brings_the_results_home(cli, short_video):
    result = cli("run", str(short_video), "-p", "scene", "-o", "results", "--label", "study=pilot")
    assert result.returncode == 0, result.stderr
    assert "completed" in result.stdout
    assert "position" in result.stderr or "running" in result.stderr
    scenes = (cli.directory / "results" / "short_scene_detection.csv").read_text().splitlines()
    assert len(scenes) == 3


def test_submit_watch_and_results_are_run_in_steps(cli, short_video):
    job = cli("submit", str(short_video), "-p", "scene").stdout.strip()
    events = cli.json("watch", job, "--from-start")
    numbers = numbers_of_lines(events)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert events[-1]["terminal"]["job"]["status"] == "completed"
    for artifact in cli.json("results", job, "-o", "results"):
        data = (cli.directory / artifact["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == artifact["sha256"]


def test_a_file_that_is_there_already_is_not_uploaded_again(cli, short_video):
    first, second = (cli.json("submit", str(short_video), "-p", "scene")[0] for _ in range(2))
    assert first["video_id"] == second["video_id"]
    assert first["id"] != second["id"]


def test_jobs_can_be_listed_shown_retried_and_deleted(cli, short_video):
    name = f"{cli.directory.name}.mp4"
    shutil.copy(short_video, cli.directory / name)
    job = cli.json("submit", name, "-p", "scene", "--label", f"run={name}")[0]["id"]
    cli("watch", job)
    assert [each["id"] for each in cli.json("jobs", "list", "--label", f"run={name}", "--status", "completed")] == [job]
    shown = cli("jobs", "show", job).stdout
    assert name in shown
    assert "scene_detection" in shown
    assert error_of(cli("jobs", "retry", job)) == "JOB_NOT_RETRYABLE"
    assert error_of(cli("jobs", "cancel", job)) == "JOB_ALREADY_COMPLETED"
    assert cli("jobs", "delete", job).stdout == f"job {job}: deleted\n"
    assert cli("jobs", "show", job).returncode == 3


def test_pipelines_and_validation_agree_with_the_local_ones(cli):
    registry = Registry.load()
    names = sorted(spec.name for spec in (*registry, *registry.unavailable))
    assert [each["name"] for each in cli.json("pipelines")] == names
    assert [each["name"] for each in cli.json("pipelines", "--local")] == names
    arguments = ["validate", "-p", "scene", "-s", "scene.threshold=30", "--json"]
    remote, local = cli(*arguments), cli(*arguments, "--local")
    assert json.loads(remote.stdout) == json.loads(local.stdout)
    assert remote.returncode == local.returncode == 0
    wrong = [
        "validate",
        "-p",
        "scene",
        "-s",
        "scene.threshold=-1",
        "-s",
        "scene.colour=1",
        "--outputs",
        "xml",
        "--json",
    ]
    for result in (cli(*wrong), cli(*wrong, "--local")):
        assert result.returncode == 2
        answer = json.loads(result.stdout)
        fields = sorted(each["field"] for each in answer["violations"])
        assert fields == ["config.scene.colour", "config.scene.threshold", "outputs[0]"]


def test_tokens_open_what_they_should(cli):
    created = cli.json("tokens", "create", "reader", "--scope", "read", "--expires-in", "1h")[0]
    reader = {"VIDEOANNOTATOR_TOKEN": created["secret"]}
    assert cli("jobs", "list", **reader).returncode == 0
    refused = cli("tokens", "list", **reader)
    assert (refused.returncode, error_of(refused)) == (4, "FORBIDDEN")
    assert "reader" in cli("tokens", "list").stdout
    assert created["secret"] not in cli("tokens", "list", "--json").stdout
    assert cli("tokens", "revoke", created["token"]["id"]).returncode == 0
    assert cli("jobs", "list", **reader).returncode == 4


def test_somebody_elses_job_is_no_job(cli, finished_job):
    token = cli("tokens", "create", "stranger").stdout.strip()
    for arguments in (["jobs", "show"], ["jobs", "cancel"], ["jobs", "delete"], ["results"], ["watch"]):
        result = cli(*arguments, finished_job, VIDEOANNOTATOR_TOKEN=token)
        assert (result.returncode, error_of(result)) == (3, "JOB_NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "UNSUPPORTED_MEDIA"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "UNSUPPORTED_MEDIA"),
        (bytes(range(256)) * 100, "UNSUPPORTED_MEDIA"),
        (b"", "INVALID_REQUEST"),
    ],
)
def test_what_is_no_video_is_refused_and_leaves_nothing(cli, content, code):
    name = f"{hashlib.sha256(content).hexdigest()[:8]}.mp4"
    (cli.directory / name).write_bytes(content)
    result = cli("submit", name, "-p", "scene")
    assert (result.returncode, error_of(result)) == (2, code)
    assert name not in cli("videos", "list", "--limit", "100").stdout


def test_a_wrong_configuration_is_refused_before_the_upload(cli, short_video):
    name = f"{cli.directory.name}.mp4"
    shutil.copy(short_video, cli.directory / name)
    result = cli("submit", name, "-p", "scene", "-s", "scene.threshold=-1")
    assert (result.returncode, error_of(result)) == (2, "INVALID_CONFIG")
    assert "config.scene.threshold" in result.stderr
    assert name not in cli("videos", "list", "--limit", "100").stdout


def test_doctor_finds_nothing_wrong_here(cli):
    checks = {each["check"]: each["grade"] for each in cli.json("doctor", "--storage-dir", str(cli.directory))}
    assert "fail" not in checks.values()
    assert {"packages [face]", "packages [audio]", "opencv", "models", "server", "token"} <= set(checks)


def test_doctor_says_what_is_wrong(cli):
    result = cli(
        "doctor", "--json", VIDEOANNOTATOR_TOKEN="va_wrong", VIDEOANNOTATOR_PORT="many", VIDEOANNOTATOR_PROT="1"
    )
    found = [json.loads(line) for line in result.stdout.splitlines()]
    failed = {each["check"] for each in found if each["grade"] == "fail"}
    assert result.returncode == 1
    assert failed == {"settings", "token"}
    assert any(each["grade"] == "warn" and "Did you mean VIDEOANNOTATOR_PORT?" in each["found"] for each in found)
    assert all(each["remedy"] for each in found if each["grade"] == "fail")


def test_a_server_that_is_not_there_is_told_at_once(offline):
    for arguments in (["jobs", "list"], ["watch", "x"], ["pipelines"], ["validate", "-p", "scene"]):
        result = offline(*arguments)
        assert (result.returncode, error_of(result)) == (5, "SERVICE_UNAVAILABLE")
    assert "Traceback" not in result.stderr
    assert offline("version").returncode == 0


def test_serve_tells_every_wrong_setting_at_once(offline):
    result = offline("serve", VIDEOANNOTATOR_LOG_LEVEL="LOUD", VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="0")
    assert result.returncode == 2
    assert {"VIDEOANNOTATOR_LOG_LEVEL", "VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS"} <= {
        line.split(":")[0].strip() for line in result.stderr.splitlines()
    }
