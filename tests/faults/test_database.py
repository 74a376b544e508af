"""A database that goes away for moments costs no attempt, stops no queue and locks nobody out."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import postgres
from tests.support.service import running
from videoannotator.v1 import types_pb2

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


@pytest.mark.slow
def test_connections_that_are_cut_again_and_again_lose_no_attempt(tmp_path: Path, short_video: Path) -> None:
    with (
        postgres(tmp_path / "postgres") as url,
        running(tmp_path / "storage", VIDEOANNOTATOR_DATABASE_URL=url, VIDEOANNOTATOR_LEASE_DURATION="6") as service,
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as saboteur,
    ):
        client = service.client()
        video = client.upload(short_video)
        jobs = [client.submit(video.id, "scene", "person").id for _ in range(4)]
        cuts = 0
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            cuts += len(saboteur.execute(CUT).fetchall())
            time.sleep(0.03)
        assert cuts > 10
        for job_id in jobs:
            ended = client.wait(job_id, timeout=100)
            assert (ended.status, ended.attempt) == (types_pb2.JOB_STATUS_COMPLETED, 1)
        assert "Traceback" not in "".join(service.output)
