"""Every exception of every call becomes the one error envelope."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import grpc

from videoannotator.errors import InternalError, UnauthorizedError, VideoAnnotatorError
from videoannotator_server.interceptors.around import Context, Continuation, Handler, Run, plainly, run_around
from videoannotator_server.statuses import status_of

logger = logging.getLogger(__name__)


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """The outermost interceptor; it also writes one log line for each call."""

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Handler | None:
        """Wrap the handler of the call, if there is one."""
        handler = await continuation(details)
        if handler is None:
            return handler
        method = details.method

        def around(context: Context) -> AbstractAsyncContextManager[Run]:
            return _errors_told(method, context)

        return run_around(handler, around)


@asynccontextmanager
async def _errors_told(method: str, context: Context) -> AsyncIterator[Run]:
    started = time.monotonic()
    code = "CANCELLED"
    try:
        yield plainly
        code = "OK"
    except grpc.aio.AbortError:
        code = "ABORTED"
        raise
    except VideoAnnotatorError as error:
        code = error.code
        await _abort(context, error)
    except Exception:
        error_id = uuid4().hex[:12]
        code = f"INTERNAL_ERROR {error_id}"
        logger.exception("error %s in %s", error_id, method)
        await _abort(context, InternalError(f"the service failed; error id {error_id}", {"error_id": error_id}))
    finally:
        logger.info("%s %s %.0f ms", method, code, 1000 * (time.monotonic() - started))


async def _abort(context: Context, error: VideoAnnotatorError) -> None:
    status = status_of(error)
    metadata = tuple(status.trailing_metadata or ())
    if isinstance(error, UnauthorizedError):
        metadata += (("www-authenticate", 'Bearer realm="videoannotator"'),)
    await context.abort(status.code, status.details, metadata)
