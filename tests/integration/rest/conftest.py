"""One service with its Envoy for all tests of this folder that do not harm it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Rest
from tests.support.service import Service, running


@pytest.fixture(scope="session")
def rest_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that serves REST; tests must not stop it."""
    with running(
        tmp_path_factory.mktemp("rest"),
        VIDEOANNOTATOR_REST="true",
        VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="2",
        VIDEOANNOTATOR_MAX_UPLOAD_BYTES=str(40 * 2**20),
        VIDEOANNOTATOR_LOG_FORMAT="json",
    ) as service:
        yield service


@pytest.fixture
def rest(rest_service: Service) -> Rest:
    """The administrator's client."""
    return Rest(rest_service.url, rest_service.token)


@pytest.fixture(scope="session")
def finished(rest_service: Service, short_video: Path) -> dict[str, Any]:
    """A job that has completed, as its last event tells it."""
    rest = Rest(rest_service.url, rest_service.token)
    answer = rest.submit(short_video, "scene_detection")
    assert answer.status == 201, answer
    job = rest.events(f"/api/v1/jobs/{answer.json()['id']}/events")[-1]["data"]["job"]
    assert job["status"] == "completed", json.dumps(job, indent=1)
    return job
