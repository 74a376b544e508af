"""A service with REST, and the TypeScript client as npm would install it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts import typescript
from tests.support.service import Service, running


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server behind Envoy."""
    storage = tmp_path_factory.mktemp("edge")
    with running(storage, VIDEOANNOTATOR_REST="true", VIDEOANNOTATOR_MAX_CONCURRENT_CPU_JOBS="2") as service:
        yield service


@pytest.fixture(scope="session")
def package() -> None:
    """Build the package; the first time, this needs the npm registry."""
    typescript.build()
