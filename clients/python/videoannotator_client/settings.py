"""Which server to talk to, and with which token: from options, the environment or a file, in this order."""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from videoannotator.errors import ConfigurationError, Violation

DEFAULT_SERVER = "127.0.0.1:50051"
VARIABLES = {
    "server": "VIDEOANNOTATOR_SERVER",
    "token": "VIDEOANNOTATOR_TOKEN",
    "tls_ca": "VIDEOANNOTATOR_TLS_CA",
}
_TLS_SCHEMES = ("grpcs://", "https://")
_PLAIN_SCHEMES = ("grpc://", "http://")


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Where the server is and how to identify."""

    server: str = DEFAULT_SERVER
    """``host:port``, ``unix:/path``, or ``grpcs://host:port`` for TLS with the certificates of the system."""
    token: str | None = field(default=None, repr=False)
    tls_ca: Path | None = None
    """PEM certificates to trust; given, the connection uses TLS."""

    @property
    def target(self) -> str:
        """The address as gRPC wants it."""
        for scheme in (*_TLS_SCHEMES, *_PLAIN_SCHEMES):
            if self.server.startswith(scheme):
                return self.server.removeprefix(scheme).rstrip("/")
        return self.server

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.tls_ca is not None or self.server.startswith(_TLS_SCHEMES)

    @property
    def exposes_token(self) -> bool:
        """Whether the token travels readable over a network."""
        return self.token is not None and not self.uses_tls and not self.is_local

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        host = self.target.rpartition(":")[0].strip("[]")
        return self.target.startswith("unix:") or host in {"localhost", "::1"} or host.startswith("127.")


def resolve(options: Mapping[str, str | None], environment: Mapping[str, str] | None = None) -> ClientSettings:
    """Combine options, environment and file; the first that names a setting wins.

    Raises:
        ConfigurationError: If the file is not TOML or has a key that is not a setting.
    """
    environment = os.environ if environment is None else environment
    file = config_file(environment)
    from_file = _read(file)
    found: dict[str, str] = {}
    for name, variable in VARIABLES.items():
        value = options.get(name) or environment.get(variable) or from_file.get(name)
        if value:
            found[name] = value
    tls_ca = Path(found["tls_ca"]).expanduser() if "tls_ca" in found else None
    return ClientSettings(found.get("server", DEFAULT_SERVER), found.get("token"), tls_ca)


def chosen(server: str | None, token: str | None, tls_ca: str | os.PathLike[str] | None) -> ClientSettings:
    """Return the settings from arguments, environment and file; warn if they expose the token.

    Raises:
        ConfigurationError: If the file is not TOML or has a key that is not a setting.
    """
    settings = resolve({"server": server, "token": token, "tls_ca": None if tls_ca is None else os.fspath(tls_ca)})
    if settings.exposes_token:
        warnings.warn(f"The token travels readable to {settings.target}; use grpcs:// or tls_ca.", stacklevel=3)
    return settings


def config_file(environment: Mapping[str, str]) -> Path:
    """Return the path of the user's file, which need not exist."""
    if named := environment.get("VIDEOANNOTATOR_CONFIG"):
        return Path(named).expanduser()
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "videoannotator" / "config.toml"


def _read(file: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"The file {file} cannot be read: {error}.", hint="Correct or remove the file."
        ) from error
    wrong = [
        Violation(field=key, code="UNKNOWN_FIELD", message=f"{key} is not a setting.", allowed=list(VARIABLES))
        for key in content
        if key not in VARIABLES
    ] + [
        Violation(field=key, code="INVALID_TYPE", message=f"{key} must be text.")
        for key, value in content.items()
        if key in VARIABLES and not isinstance(value, str)
    ]
    if wrong:
        raise ConfigurationError(f"The file {file} is wrong.", violations=wrong, hint="Correct the named keys.")
    return content
