"""A real service for tests that do not harm it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import postgres
from tests.support.service import Client, Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for the whole session; tests must not stop it."""
    with running(tmp_path_factory.mktemp("service"), VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="2") as service:
        yield service


@pytest.fixture
def client(service: Service) -> Client:
    """The administrator's client."""
    return service.client()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this session's own."""
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url
