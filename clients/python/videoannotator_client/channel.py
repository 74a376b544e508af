"""The way to a server: a channel, and the stubs of every service on it."""

from __future__ import annotations

from typing import Any

import grpc

from videoannotator import __version__
from videoannotator.errors import ConfigurationError
from videoannotator.v1.artifacts_pb2_grpc import ArtifactServiceStub
from videoannotator.v1.jobs_pb2_grpc import JobServiceStub
from videoannotator.v1.pipelines_pb2_grpc import PipelineServiceStub
from videoannotator.v1.system_pb2_grpc import SystemServiceStub
from videoannotator.v1.tokens_pb2_grpc import TokenServiceStub
from videoannotator.v1.videos_pb2_grpc import VideoServiceStub
from videoannotator_client.settings import ClientSettings

Options = list[tuple[str, Any]]


class Stubs:
    """Every service of the contract over one channel; an asynchronous channel gives stubs that are awaited."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.videos = VideoServiceStub(channel)
        self.jobs = JobServiceStub(channel)
        self.artifacts = ArtifactServiceStub(channel)
        self.pipelines = PipelineServiceStub(channel)
        self.system = SystemServiceStub(channel)
        self.tokens = TokenServiceStub(channel)


def open_channel(settings: ClientSettings, agent: str) -> grpc.Channel:
    """Return a channel; nothing is sent before the first call.

    Raises:
        ConfigurationError: If the certificates cannot be read.
    """
    if not settings.uses_tls:
        return grpc.insecure_channel(settings.target, _options(settings, agent))
    return grpc.secure_channel(settings.target, _credentials(settings), _options(settings, agent))


def open_async_channel(settings: ClientSettings, agent: str) -> grpc.aio.Channel:
    """Return an asynchronous channel of the running event loop.

    Raises:
        ConfigurationError: If the certificates cannot be read.
    """
    if not settings.uses_tls:
        return grpc.aio.insecure_channel(settings.target, _options(settings, agent))
    return grpc.aio.secure_channel(settings.target, _credentials(settings), _options(settings, agent))


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


def _credentials(settings: ClientSettings) -> grpc.ChannelCredentials:
    try:
        roots = settings.tls_ca.read_bytes() if settings.tls_ca else None
    except OSError as error:
        raise ConfigurationError(
            f"The certificates in {settings.tls_ca} cannot be read: {error.strerror}",
            field="tls_ca",
            hint="Name the PEM file with the server's certificate or its authority.",
        ) from error
    return grpc.ssl_channel_credentials(roots)
