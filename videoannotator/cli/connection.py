"""A connection to the service: one channel, a stub for each service, the token on every call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import grpc
from videoannotator_client.settings import ClientSettings

from videoannotator import __version__
from videoannotator.errors import ConfigurationError
from videoannotator.v1.artifacts_pb2_grpc import ArtifactServiceStub
from videoannotator.v1.jobs_pb2_grpc import JobServiceStub
from videoannotator.v1.pipelines_pb2_grpc import PipelineServiceStub
from videoannotator.v1.system_pb2_grpc import SystemServiceStub
from videoannotator.v1.tokens_pb2_grpc import TokenServiceStub
from videoannotator.v1.videos_pb2_grpc import VideoServiceStub

Metadata = tuple[tuple[str, str], ...]
Proceed = Callable[[grpc.ClientCallDetails, Any], Any]

UNARY_TIMEOUT = 30.0
"""Seconds that a call with one answer may take, unless it says otherwise."""

_OPTIONS: tuple[tuple[str, Any], ...] = (
    # A dead server or a cut cable is noticed within 30 seconds, while a stream is silent too.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", 16 * 2**20),
    ("grpc.primary_user_agent", f"videoannotator-cli/{__version__}"),
)


class Connection:
    """Stubs of all services. Use it as a context manager; nothing is sent before the first call."""

    def __init__(self, settings: ClientSettings) -> None:
        self.settings = settings
        self._bare = _open_channel(settings)
        self._channel = grpc.intercept_channel(self._bare, _Identify(settings.token))

    @cached_property
    def videos(self) -> VideoServiceStub:
        """Uploading and keeping videos."""
        return VideoServiceStub(self._channel)

    @cached_property
    def jobs(self) -> JobServiceStub:
        """Submitting, watching and steering jobs."""
        return JobServiceStub(self._channel)

    @cached_property
    def artifacts(self) -> ArtifactServiceStub:
        """Reading results."""
        return ArtifactServiceStub(self._channel)

    @cached_property
    def pipelines(self) -> PipelineServiceStub:
        """What the service can do."""
        return PipelineServiceStub(self._channel)

    @cached_property
    def system(self) -> SystemServiceStub:
        """How the service is."""
        return SystemServiceStub(self._channel)

    @cached_property
    def tokens(self) -> TokenServiceStub:
        """Access tokens."""
        return TokenServiceStub(self._channel)

    def close(self) -> None:
        """Give the channel up; calls that are open end."""
        self._bare.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def is_unavailable(error: BaseException) -> bool:
    """Whether a call failed because the server was not there, so that the same call may succeed later."""
    return isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.UNAVAILABLE


def _open_channel(settings: ClientSettings) -> grpc.Channel:
    # A proxy for the internet must not get between two programs of one machine.
    options = [*_OPTIONS, ("grpc.enable_http_proxy", 0)] if settings.is_local else list(_OPTIONS)
    if not settings.uses_tls:
        return grpc.insecure_channel(settings.target, options)
    try:
        roots = settings.tls_ca.read_bytes() if settings.tls_ca else None
    except OSError as error:
        raise ConfigurationError(
            f"The certificates in {settings.tls_ca} cannot be read: {error.strerror}",
            field="tls_ca",
            hint="Name the PEM file with the server's certificate or its authority.",
        ) from error
    return grpc.secure_channel(settings.target, grpc.ssl_channel_credentials(roots), options)


class _CallDetails(grpc.ClientCallDetails):
    """The details of a call with more metadata and another deadline; gRPC's own class has no way to say so."""

    def __init__(self, details: grpc.ClientCallDetails, metadata: Metadata, timeout: float | None) -> None:
        self.method = details.method
        self.timeout = timeout
        self.metadata = (*(details.metadata or ()), *metadata)
        self.credentials = details.credentials
        self.wait_for_ready = details.wait_for_ready
        self.compression = details.compression


class _Identify(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor, grpc.StreamUnaryClientInterceptor):
    """Puts the token on every call, and a deadline on those with one question and one answer."""

    def __init__(self, token: str | None) -> None:
        self._metadata: Metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def intercept_unary_unary(self, proceed: Proceed, details: grpc.ClientCallDetails, request: object) -> Any:
        """Pass the call on, identified and with a deadline."""
        return proceed(_CallDetails(details, self._metadata, details.timeout or UNARY_TIMEOUT), request)

    def intercept_unary_stream(self, proceed: Proceed, details: grpc.ClientCallDetails, request: object) -> Any:
        """Pass the call on, identified."""
        return proceed(_CallDetails(details, self._metadata, details.timeout), request)

    def intercept_stream_unary(self, proceed: Proceed, details: grpc.ClientCallDetails, requests: object) -> Any:
        """Pass the call on, identified."""
        return proceed(_CallDetails(details, self._metadata, details.timeout), requests)
