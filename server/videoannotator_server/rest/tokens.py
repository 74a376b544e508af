"""Making tokens over REST, where scopes have lower-case names."""

from __future__ import annotations

from google.api import httpbody_pb2

from videoannotator.errors import InvalidRequestError, Violation
from videoannotator.rest.v1 import rest_pb2
from videoannotator.service.auth.access import Scope
from videoannotator.v1 import tokens_pb2
from videoannotator_server.context import Context
from videoannotator_server.rest.responses import reply
from videoannotator_server.servicers.tokens import TokenServicer


class TokenHandlers:
    """The call that makes tokens."""

    def __init__(self, native: TokenServicer) -> None:
        self._native = native

    async def CreateToken(self, request: rest_pb2.CreateTokenForm, context: Context) -> httpbody_pb2.HttpBody:
        """Make a token."""
        scopes = [scope.label for scope in Scope]
        if request.scope and request.scope not in scopes:
            message = f"scope must be one of {', '.join(scopes)}."
            violation = Violation("scope", "INVALID_VALUE", message, scopes, Scope.WRITE.label)
            raise InvalidRequestError(message, violations=[violation])
        scope = f"TOKEN_SCOPE_{request.scope.upper()}" if request.scope else "TOKEN_SCOPE_UNSPECIFIED"
        wanted = tokens_pb2.CreateTokenRequest(
            name=request.name,
            owner=request.owner,
            scope=tokens_pb2.TokenScope.Value(scope),
            expires_at=request.expires_at if request.HasField("expires_at") else None,
        )
        return await reply(context, await self._native.CreateToken(wanted, context), 201)
