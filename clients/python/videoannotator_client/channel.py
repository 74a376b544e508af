"""The channel to a server: address, TLS and keepalive."""

from __future__ import annotations

from typing import Any

import grpc

from videoannotator import __version__
from videoannotator.errors import ConfigurationError
from videoannotator_client.settings import ClientSettings

Options = list[tuple[str, Any]]

AGENT = "videoannotator-python"
"""What the client calls itself, unless another name is given."""


def open_channel(
    settings: ClientSettings, credentials: grpc.ChannelCredentials | None, agent: str = AGENT
) -> grpc.Channel:
    """Return a channel, without TLS if there are no ``credentials``; nothing is sent before the first call."""
    options = _options(settings, agent)
    if credentials is None:
        return grpc.insecure_channel(settings.target, options)
    return grpc.secure_channel(settings.target, credentials, options)


def open_async_channel(
    settings: ClientSettings, credentials: grpc.ChannelCredentials | None, agent: str = AGENT
) -> grpc.aio.Channel:
    """Return a channel of the running event loop, without TLS if there are no ``credentials``."""
    options = _options(settings, agent)
    if credentials is None:
        return grpc.aio.insecure_channel(settings.target, options)
    return grpc.aio.secure_channel(settings.target, credentials, options)


def channel_credentials(settings: ClientSettings) -> grpc.ChannelCredentials | None:
    """Return what TLS needs, None if the settings do not ask for it.

    Raises:
        ConfigurationError: If the certificates cannot be read.
    """
    if not settings.uses_tls:
        return None
    try:
        roots = settings.tls_ca.read_bytes() if settings.tls_ca else None
    except OSError as error:
        raise ConfigurationError(
            f"The certificates in {settings.tls_ca} cannot be read: {error.strerror}",
            field="tls_ca",
            hint="Name the PEM file with the server's certificate or its authority.",
        ) from error
    return grpc.ssl_channel_credentials(roots)


def _options(settings: ClientSettings, agent: str) -> Options:
    options: Options = [
        # A dead server or a cut cable is noticed within 30 seconds, while a stream is silent too.
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.max_receive_message_length", 16 * 2**20),
        ("grpc.primary_user_agent", f"{agent}/{__version__}"),
    ]
    # A proxy for the internet must not get between two programs of one machine.
    return [*options, ("grpc.enable_http_proxy", 0)] if settings.is_local else options
