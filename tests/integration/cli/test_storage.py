"""`videoannotator storage`, on the storage of a service that runs beside it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest
from videoannotator_client import Client

from tests.integration.cli.conftest import Cli
from tests.support.service import Service, running

DAY = 86400.0


@pytest.fixture
def kept(tmp_path: Path, short_video: Path) -> tuple[Service, Cli, str]:
    """A service with a job that ended 40 days ago; it keeps jobs for ever."""
    with running(tmp_path / "storage") as service:
        cli = Cli(tmp_path, {"VIDEOANNOTATOR_STORAGE_DIR": str(service.storage)})
        with Client(service.address, service.token) as client:
            job = client.submit(short_video, ["scene"])
            client.wait(job)
        with sqlite3.connect(service.storage / "videoannotator.db") as database:
            database.execute("UPDATE jobs SET completed_at = completed_at - ?", [40 * DAY])
        yield service, cli, job.id


def test_cleanup_changes_nothing_unless_told_to(kept: tuple[Service, Cli, str]) -> None:
    service, cli, job_id = kept
    assert cli.json("storage", "cleanup") == []
    (found,) = cli.json("storage", "cleanup", "--days", "30")
    assert (found["kind"], found["id"], found["removed"]) == ("job", job_id, False)
    assert found["size_bytes"] == sum(each.stat().st_size for each in (service.storage / "results").rglob("*.*"))
    shown = cli("storage", "cleanup", "--days", "30")
    assert job_id in shown.stdout
    assert "Nothing was removed" in shown.stderr
    assert (service.storage / "results" / job_id).is_dir()


def test_cleanup_removes_what_it_listed_while_the_service_runs(kept: tuple[Service, Cli, str]) -> None:
    service, cli, job_id = kept
    stray = service.storage / "uploads" / "stray"
    stray.mkdir()
    os.utime(stray, (time.time() - 2 * DAY,) * 2)
    removed = cli.json("storage", "cleanup", "--days", "30", "--apply")
    assert {(each["kind"], each["removed"]) for each in removed} == {("job", True), ("stray files", True)}
    assert not (service.storage / "results" / job_id).exists()
    assert not stray.exists()
    assert cli.json("storage", "cleanup", "--days", "30") == []
    with Client(service.address, service.token) as client:
        assert len(client.jobs()) == 0
        (video,) = client.videos()
        again = client.submit(video_id=video.id, pipelines=["scene"])
        assert client.wait(again).attempt == 1


def test_a_directory_that_is_no_storage_is_an_error(tmp_path: Path) -> None:
    result = Cli(tmp_path, {})("storage", "cleanup", "--storage-dir", "nowhere")
    assert result.returncode == 2
    assert "There is no storage in" in result.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_lost_token_of_the_administrator_is_replaced_while_the_service_runs(kept: tuple[Service, Cli, str]) -> None:
    service, cli, job_id = kept
    (made,) = cli.json("tokens", "recover")
    with Client(service.address, made["secret"]) as client:
        assert client.job(job_id).id == job_id
        assert made["id"] in {token.id for token in client.tokens()}
    assert made["id"] in "".join(each.read_text() for each in (service.storage / "audit").iterdir())
