"""Servers that tests may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A server of this test's own, started."""
    service = Service(
        tmp_path / "storage", VIDEOANNOTATOR_RETRY_BASE_DELAY="0.1", VIDEOANNOTATOR_RETRY_JITTER="0"
    ).start()
    yield service
    service.close()
