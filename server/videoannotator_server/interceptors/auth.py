"""Every call has a principal, and its principal has the scope that the call needs."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import grpc

from videoannotator.errors import UnauthorizedError
from videoannotator.service.auth.access import ANYBODY, Principal, Scope
from videoannotator.service.auth.tokens import TokenRepository
from videoannotator_server.context import Context, Continuation, Handler
from videoannotator_server.interceptors.base import StepRunner, run_around, run_directly

_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)

_PREFIX = "/videoannotator.v1."
_REST_PREFIX = "/videoannotator.rest.v1.RestService/"
_LONGEST_TIMER = 7 * 86400.0
_OPEN_CALLS = frozenset({"SystemService/GetHealth", "SystemService/GetServerInfo"})
_READ_CALLS = frozenset(
    {
        "VideoService/GetVideo",
        "VideoService/ListVideos",
        "JobService/WatchJob",
        "JobService/GetJob",
        "JobService/ListJobs",
        "JobService/GetJobResults",
        "ArtifactService/ListArtifacts",
        "ArtifactService/DownloadArtifact",
        "ArtifactService/DownloadArchive",
        "PipelineService/ListPipelines",
        "PipelineService/GetPipeline",
        "PipelineService/ValidateConfig",
    }
)
_WRITE_CALLS = frozenset(
    {
        "VideoService/CreateVideo",
        "VideoService/WriteVideo",
        "VideoService/DeleteVideo",
        "JobService/SubmitJob",
        "JobService/RunJob",
        "JobService/CancelJob",
        "JobService/RetryJob",
        "JobService/DeleteJob",
    }
)
_REST_CALLS: dict[str, Scope | None] = {
    "GetBriefHealth": None,
    "CheckHealth": None,
    "GetOpenApi": None,
    "GetReference": None,
    "StreamEvents": Scope.READ,
    "DownloadNamedArtifact": Scope.READ,
    "DownloadResult": Scope.READ,
    "GetPipelineForm": Scope.READ,
    "ValidatePipelineConfig": Scope.READ,
    "GetSystemMetrics": Scope.READ,
    "GetSystemConfig": Scope.READ,
    "GetDatabaseInfo": Scope.READ,
    "GetMetrics": Scope.READ,
}
"""The calls of RestService that no native call has the name of; the others need what that one needs."""
_BY_NAME: dict[str, Scope | None] = {
    call.partition("/")[2]: scope
    for calls, scope in ((_OPEN_CALLS, None), (_READ_CALLS, Scope.READ), (_WRITE_CALLS, Scope.WRITE))
    for call in calls
}


def required_scope(method: str) -> Scope | None:
    """Return the scope that a call needs; None for a call that is open. What is not listed needs an administrator."""
    if method.startswith(_REST_PREFIX):
        return (_BY_NAME | _REST_CALLS).get(method.removeprefix(_REST_PREFIX), Scope.ADMIN)
    if not method.startswith(_PREFIX):
        return None  # health checking and reflection show nothing but the contract
    call = method.removeprefix(_PREFIX)
    if call in _OPEN_CALLS:
        return None
    if call in _READ_CALLS:
        return Scope.READ
    return Scope.WRITE if call in _WRITE_CALLS else Scope.ADMIN


def caller() -> Principal:
    """Return the principal of the call that runs.

    Raises:
        UnauthorizedError: The call is open and came without a token.
    """
    principal = _principal.get()
    if principal is None:
        raise UnauthorizedError("This call needs a token.")
    return principal


def caller_or_none() -> Principal | None:
    """Return the principal of an open call, if it has one."""
    return _principal.get()


class AuthInterceptor(grpc.aio.ServerInterceptor):
    """Verifies tokens; a revoked token also ends the calls that it opened."""

    def __init__(self, tokens: TokenRepository, *, required: bool) -> None:
        self._tokens = tokens
        self._required = required
        self._calls: defaultdict[str, set[_OpenCall]] = defaultdict(set)
        self._loop = asyncio.get_running_loop()

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Handler | None:
        """Wrap the handler of the call, if there is one."""
        handler = await continuation(details)
        if handler is None:
            return handler
        scope = required_scope(details.method)

        def around(context: Context) -> AbstractAsyncContextManager[StepRunner]:
            return self._authenticated(scope, context)

        return run_around(handler, around)

    @asynccontextmanager
    async def _authenticated(self, scope: Scope | None, context: Context) -> AsyncIterator[StepRunner]:
        principal = await self._identify(scope, context)
        if principal is not None and scope is not None:
            principal.require(scope)
        _principal.set(principal)
        if principal is None or principal.token_id is None:
            yield run_directly
            return
        call = _OpenCall()
        expiry = self._end_at(principal.expires_at, call)
        self._calls[principal.token_id].add(call)
        try:
            yield call.run
        finally:
            if expiry is not None:
                expiry.cancel()
            self._calls[principal.token_id].discard(call)
            if not self._calls[principal.token_id]:
                del self._calls[principal.token_id]

    async def _identify(self, scope: Scope | None, context: Context) -> Principal | None:
        if not self._required:
            return ANYBODY
        text = _bearer(context)
        if text is None:
            if scope is None:
                return None
            raise UnauthorizedError("The call has no token.")
        try:
            return self._tokens.verified(text) or await asyncio.to_thread(self._tokens.verify, text)
        except UnauthorizedError:
            if scope is None:
                return None
            raise

    def end_calls(self, token_id: str) -> None:
        """End the calls that a token opened, because it was revoked."""
        for call in self._calls.get(token_id, ()):
            call.end()

    def _end_at(self, when: float | None, call: _OpenCall) -> asyncio.TimerHandle | None:
        # A loop's timers reach days, not centuries.
        if when is None or when - time.time() > _LONGEST_TIMER:
            return None
        return self._loop.call_later(when - time.time(), call.end)


class _OpenCall:
    """A call that ends when its token does.

    Its steps run in tasks of their own. To cancel the call's own task would, while grpc sends a message, end it without
    a status, and the client would wait for ever.
    """

    def __init__(self) -> None:
        self._ended = False
        self._step: asyncio.Future[Any] | None = None

    def end(self) -> None:
        """End the call, in the midst of a step or before the next."""
        self._ended = True
        if self._step is not None:
            self._step.cancel()

    async def run(self, work: Awaitable[Any]) -> Any:
        """Run a step of the call's handler.

        Raises:
            UnauthorizedError: The token was revoked or has expired.
        """
        self._step = asyncio.ensure_future(work)
        if self._ended:
            self._step.cancel()
        try:
            return await self._step
        except asyncio.CancelledError:
            if self._ended:
                raise UnauthorizedError("The token was revoked or has expired.") from None
            raise


def _bearer(context: Context) -> str | None:
    for key, content in context.invocation_metadata() or ():
        if key == "authorization":
            scheme, _, text = str(content).partition(" ")
            if scheme.lower() == "bearer" and text.strip():
                return text.strip()
            raise UnauthorizedError("The authorization is not of the form `Bearer va_...`.")
    return None
