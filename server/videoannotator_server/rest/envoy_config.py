"""envoy/envoy.yaml as this installation runs it: the lines that a deployment would edit, filled in from settings."""

from __future__ import annotations

import json
import socket
import textwrap
from dataclasses import dataclass
from pathlib import Path

from videoannotator.errors import ConfigurationError

ENVOY_FILES = Path(__file__).resolve().parent.parent / "envoy"
"""The directory envoy/ of the project, as it is installed. Paths in the configuration start beside it."""
WORKING_DIRECTORY = ENVOY_FILES.parent

_ADMIN = "{ socket_address: { address: 127.0.0.1, port_value: 9901 } }"
_PUBLIC = "{ socket_address: { address: 127.0.0.1, port_value: 18011 } }"
_SERVICE = "{ socket_address: { address: 127.0.0.1, port_value: 50051 } }"
_ORIGINS = '[{ exact: "http://localhost:19011" }, { exact: "http://127.0.0.1:19011" }]'
_RATE = "max_tokens: 5000, tokens_per_fill: 5000"
_TLS = "        - # edit: TLS, see tls.yaml and mtls.yaml\n"
_CERTIFICATE = "{ filename: envoy/server.crt }"
_KEY = "{ filename: envoy/server.key }"


@dataclass(frozen=True, slots=True)
class Edge:
    """Where Envoy listens, what it stands in front of, and whom it lets in."""

    host: str
    port: int
    """0 picks one."""
    service_socket: Path
    admin_socket: Path
    origins: tuple[str, ...]
    requests_per_second: int
    certificate: tuple[Path, Path] | None = None
    """Chain and key."""


def render(edge: Edge) -> str:
    """Return the configuration for ``edge``."""
    text = (ENVOY_FILES / "envoy.yaml").read_text(encoding="utf-8")
    address = f"{{ socket_address: {{ address: {json.dumps(_ip(edge.host))}, port_value: {edge.port} }} }}"
    edits = {
        _ADMIN: _pipe(edge.admin_socket),
        _PUBLIC: address,
        _SERVICE: _pipe(edge.service_socket),
        _ORIGINS: _origins(edge.origins),
        _RATE: f"max_tokens: {edge.requests_per_second}, tokens_per_fill: {edge.requests_per_second}",
    }
    if edge.certificate is not None:
        edits[_TLS] = "        -\n" + textwrap.indent(_tls(*edge.certificate), " " * 10)
    return _edited(text, edits)


def _tls(chain: Path, key: Path) -> str:
    text = (ENVOY_FILES / "tls.yaml").read_text(encoding="utf-8")
    return _edited(text, {_CERTIFICATE: _file(chain), _KEY: _file(key)})


def _edited(text: str, edits: dict[str, str]) -> str:
    for known, wanted in edits.items():
        if text.count(known) != 1:
            raise ConfigurationError(
                f"Envoy/envoy.yaml does not have {known!r} exactly once.",
                hint="Reinstall the program, or run Envoy yourself and start the service with --no-rest.",
            )
        text = text.replace(known, wanted)
    return text


def _pipe(path: Path) -> str:
    return f"{{ pipe: {{ path: {json.dumps(str(path))} }} }}"


def _file(path: Path) -> str:
    return f"{{ filename: {json.dumps(str(path.absolute()))} }}"


def _origins(origins: tuple[str, ...]) -> str:
    if "*" in origins:
        return '[{ safe_regex: { regex: ".*" } }]'
    return "[" + ", ".join(f"{{ exact: {json.dumps(origin)} }}" for origin in origins) + "]"


def _ip(host: str) -> str:
    """Return the address of ``host``: Envoy looks no names up for itself."""
    if host.startswith("unix:"):
        return "127.0.0.1"
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise ConfigurationError(f"{host} is not an address of this machine.", field="VIDEOANNOTATOR_HOST") from error
