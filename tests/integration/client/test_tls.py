"""Connections that nobody else reads, named by arguments or by the environment."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from videoannotator_client import AsyncClient, Client

from tests.support import certificates
from tests.support.service import Service, running
from videoannotator.errors import ConfigurationError, ServiceUnavailableError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    return certificates.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]) -> Iterator[Service]:
    cert, key = map(str, certificate)
    with running(
        tmp_path_factory.mktemp("secure"), VIDEOANNOTATOR_TLS_CERT=cert, VIDEOANNOTATOR_TLS_KEY=key
    ) as service:
        yield service


async def test_a_trusted_certificate_opens_the_way(
    secure: Service, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    with Client(secure.address, secure.token, certificate[0]) as client:
        assert client.jobs() == []
    monkeypatch.setenv("VIDEOANNOTATOR_SERVER", f"grpcs://{secure.address}")
    monkeypatch.setenv("VIDEOANNOTATOR_TOKEN", secure.token)
    monkeypatch.setenv("VIDEOANNOTATOR_TLS_CA", str(certificate[0]))
    async with AsyncClient() as client:
        assert await client.jobs() == []


def test_a_stranger_is_not_talked_to(secure: Service):
    with Client(f"grpcs://{secure.address}", secure.token, patience=0) as client:
        with pytest.raises(ServiceUnavailableError) as caught:
            client.jobs()
        assert "--tls-ca" in (caught.value.hint or "")


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.pem cannot be read"):
        Client("lab:1", tls_ca=tmp_path / "nowhere.pem")


def test_a_token_that_would_travel_readable_is_warned_of():
    with pytest.warns(UserWarning, match="readable to lab:1"):
        Client("lab:1", "va_secret").close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Client("grpcs://lab:1", "va_secret").close()
        Client("127.0.0.1:1", "va_secret").close()
    assert "va_secret" not in repr(Client("127.0.0.1:1", "va_secret").settings)
