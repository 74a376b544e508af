"""Every exception of every call becomes the one error envelope."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import grpc

from videoannotator.errors import InternalError, UnauthorizedError, VideoAnnotatorError
from videoannotator_server import request_ids
from videoannotator_server import rest_envelope as rest_errors
from videoannotator_server.context import Context, Continuation, Handler
from videoannotator_server.interceptors.base import StepRunner, run_around, run_directly
from videoannotator_server.statistics import CallStatistics
from videoannotator_server.statuses import status_of

_REST = "/videoannotator.rest."
_PROBES = "/grpc.health."
"""Comes every other second from Envoy."""

logger = logging.getLogger(__name__)


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """The outermost interceptor; it also counts each call and writes one log line for it."""

    def __init__(self, statistics: CallStatistics) -> None:
        self._statistics = statistics

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Handler | None:
        """Wrap the handler of the call, if there is one."""
        handler = await continuation(details)
        if handler is None:
            return handler
        method = details.method

        def around(context: Context) -> AbstractAsyncContextManager[StepRunner]:
            return self._reporting_errors(method, context)

        return run_around(handler, around)

    @asynccontextmanager
    async def _reporting_errors(self, method: str, context: Context) -> AsyncIterator[StepRunner]:
        request_ids.enter(context)
        abort = _abort_rest if method.startswith(_REST) else _abort
        started = time.monotonic()
        code = "CANCELLED"
        try:
            yield run_directly
            code = "OK"
        except grpc.aio.AbortError:
            code = "ABORTED"
            raise
        except VideoAnnotatorError as error:
            code = error.code
            await abort(context, error)
        except Exception:
            error_id = uuid4().hex[:12]
            code = InternalError.code
            logger.exception("Error %s in %s.", error_id, method)
            await abort(context, InternalError(f"The service failed; error id {error_id}", {"error_id": error_id}))
        finally:
            seconds = time.monotonic() - started
            self._statistics.add(method, code, seconds)
            level = logging.DEBUG if method.startswith(_PROBES) else logging.INFO
            logger.log(level, "%s %s %.0f ms", method, code, 1000 * seconds)


async def _abort(context: Context, error: VideoAnnotatorError) -> None:
    status = status_of(error)
    metadata = tuple(status.trailing_metadata or ())
    if isinstance(error, UnauthorizedError):
        metadata += (("www-authenticate", 'Bearer realm="videoannotator"'),)
    await context.abort(status.code, status.details, metadata)


async def _abort_rest(context: Context, error: VideoAnnotatorError) -> None:
    # The whole error is in the metadata; proxies and gRPC limit the text of a status.
    await context.abort(rest_errors.grpc_status(error), error.code, rest_errors.metadata(error))
