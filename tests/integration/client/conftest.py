"""The real client against the real service."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from videoannotator_client import Client

from tests.support.service import Service


@pytest.fixture(autouse=True)
def _no_file_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_CONFIG", os.devnull)


@pytest.fixture
def va(service: Service) -> Iterator[Client]:
    """The administrator's client."""
    with Client(service.address, service.token) as client:
        yield client
