"""What a worker of the real service can read of its environment."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.support.service import eventually, running

SECRETS = {"DATABASE_URL": "postgresql://u:hunter2@h/d", "HF_TOKEN": "hunter2", "GAZE_LICENCE": "hunter3"}


def test_a_worker_has_no_secret_of_the_service(tmp_path: Path, short_video: Path) -> None:
    with running(tmp_path, **SECRETS, VIDEOANNOTATOR_WORKER_VARIABLES="GAZE_LICENCE") as service:
        client = service.client()
        client.wait(client.submit(client.upload(short_video).id).id)
        (worker,) = eventually(lambda: psutil.Process(service.process.pid).children())
        environment = worker.environ()
    assert "hunter2" not in str(environment)
    assert environment["GAZE_LICENCE"] == "hunter3"
    assert environment["TMPDIR"] == str(service.storage / "temp")
