"""The lines that a deployment would edit are filled in from settings, and nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from videoannotator_server.rest.envoy_config import ENVOY_FILES, Edge, render

ORIGINS = ("http://localhost:19011", "http://127.0.0.1:19011")
EDGE = Edge("127.0.0.1", 18011, Path("/run/s"), Path("/run/a"), ORIGINS, 5000)


def listener(edge: Edge) -> dict:
    return yaml.safe_load(render(edge))["static_resources"]["listeners"][0]


def changed(edge: Edge) -> list[str]:
    """Return the lines that differ from the file."""
    before = (ENVOY_FILES / "envoy.yaml").read_text().splitlines()
    return [line for line in render(edge).splitlines() if line not in before]


def test_only_the_sockets_differ_by_default() -> None:
    assert len(changed(EDGE)) == 3  # the public address is quoted anew


def test_each_edit_ends_up_in_its_place() -> None:
    edge = replace(EDGE, host="::1", port=7, origins=("https://a.example", "http://b"), requests_per_second=9)
    assert listener(edge)["address"]["socket_address"] == {"address": "::1", "port_value": 7}
    text = render(edge)
    assert '[{ exact: "https://a.example" }, { exact: "http://b" }]' in text
    assert "max_tokens: 9, tokens_per_fill: 9" in text
    assert yaml.safe_load(text)["admin"]["address"] == {"pipe": {"path": "/run/a"}}


def test_every_line_to_edit_is_marked() -> None:
    marked = [line for line in (ENVOY_FILES / "envoy.yaml").read_text().splitlines() if "# edit:" in line]
    assert len(marked) == 7


def test_tls_comes_from_its_own_file(tmp_path: Path) -> None:
    edge = replace(EDGE, certificate=(tmp_path / 'a"b.pem', tmp_path / "key.pem"))
    socket = listener(edge)["filter_chains"][0]["transport_socket"]
    files = socket["typed_config"]["common_tls_context"]["tls_certificates"][0]
    assert files["certificate_chain"]["filename"] == str(tmp_path / 'a"b.pem')
    assert files["private_key"]["filename"] == str(tmp_path / "key.pem")


@pytest.mark.parametrize("host", ["localhost", "unix:/run/x"])
def test_envoy_gets_addresses_and_no_names(host: str) -> None:
    assert listener(replace(EDGE, host=host))["address"]["socket_address"]["address"] in ("127.0.0.1", "::1")


def test_any_origin_is_a_pattern() -> None:
    assert 'safe_regex: { regex: ".*" }' in render(replace(EDGE, origins=("*",)))


def test_docker_compose_opens_the_address_that_is_there() -> None:
    project = Path(__file__).parents[3]
    compose = yaml.safe_load((project / "docker-compose.yml").read_text())
    (pattern,) = re.findall(r"s/([^/]+)/", compose["services"]["envoy"]["entrypoint"][-1])
    assert (project / "envoy" / "envoy.yaml").read_text().count(pattern) == 1
