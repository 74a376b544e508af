"""TokenService."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from google.protobuf import empty_pb2, timestamp_pb2

from videoannotator.errors import InvalidRequestError
from videoannotator.service.auth.access import Scope
from videoannotator.service.auth.tokens import TokenRepository
from videoannotator.v1 import tokens_pb2, tokens_pb2_grpc
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller

_SCOPES = {
    tokens_pb2.TOKEN_SCOPE_UNSPECIFIED: Scope.WRITE,
    tokens_pb2.TOKEN_SCOPE_READ: Scope.READ,
    tokens_pb2.TOKEN_SCOPE_WRITE: Scope.WRITE,
    tokens_pb2.TOKEN_SCOPE_ADMIN: Scope.ADMIN,
}


class TokenServicer(tokens_pb2_grpc.TokenServiceServicer):
    """Makes and revokes tokens."""

    def __init__(self, tokens: TokenRepository, end_calls: Callable[[str], None]) -> None:
        """``end_calls``: ends the calls that the token with an id opened."""
        self._tokens = tokens
        self._end_calls = end_calls

    async def CreateToken(self, request: tokens_pb2.CreateTokenRequest, context: Context) -> tokens_pb2.CreatedToken:
        """Make a token."""
        if request.scope not in _SCOPES:
            raise InvalidRequestError(f"scope {request.scope} is not known.", field="scope")
        expires_at = _seconds(request.expires_at) if request.HasField("expires_at") else None
        row, text = await asyncio.to_thread(
            self._tokens.create, caller(), request.name, request.owner, _SCOPES[request.scope], expires_at
        )
        return tokens_pb2.CreatedToken(token=messages.token(row), secret=str(text))

    async def ListTokens(
        self, request: tokens_pb2.ListTokensRequest, context: Context
    ) -> tokens_pb2.ListTokensResponse:
        """Return all tokens."""
        rows = await asyncio.to_thread(self._tokens.list)
        return tokens_pb2.ListTokensResponse(tokens=[messages.token(row) for row in rows])

    async def RevokeToken(self, request: tokens_pb2.RevokeTokenRequest, context: Context) -> empty_pb2.Empty:
        """Make a token useless, and end the calls that it opened."""
        await asyncio.to_thread(self._tokens.revoke, caller(), request.token_id)
        self._end_calls(request.token_id)
        return empty_pb2.Empty()


def _seconds(when: timestamp_pb2.Timestamp) -> float:
    try:
        return when.ToNanoseconds() / 1e9
    except ValueError as error:
        raise InvalidRequestError("expires_at is not a point in time.", field="expires_at") from error
