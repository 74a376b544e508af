"""What the server can do, how it is, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from videoannotator.v1.pipelines_pb2 import GetPipelineRequest, ListPipelinesRequest, Pipeline
from videoannotator.v1.system_pb2 import GetHealthRequest, GetServerInfoRequest, Health, ServerInfo
from videoannotator.v1.tokens_pb2 import (
    CreatedToken,
    CreateTokenRequest,
    ListTokensRequest,
    RevokeTokenRequest,
    Token,
    TokenScope,
)
from videoannotator_client._async.connection import UNARY_TIMEOUT, AsyncConnection
from videoannotator_client.names import Names
from videoannotator_client.requests import JobOptions, ValidationResult, number_of, validation_result


class AsyncServerOperations:
    """What a client asks about the server and its tokens."""

    _connection: AsyncConnection

    async def pipelines(self, *, include_unavailable: bool = False) -> list[Pipeline]:
        """Return the pipelines that can run on the server, or also those that cannot, with the reason."""
        request = ListPipelinesRequest(include_unavailable=include_unavailable)
        answer = await self._connection.call(self._connection.stubs.pipelines.ListPipelines, request)
        return list(answer.pipelines)

    async def pipeline(self, name: str) -> Pipeline:
        """Return one pipeline by name or alias.

        Raises:
            PipelineNotFoundError: If there is none.
        """
        request = GetPipelineRequest(name=name)
        return await self._connection.call(self._connection.stubs.pipelines.GetPipeline, request)

    async def validate(
        self, config: Mapping[str, Any] | None = None, *, pipelines: Names = (), outputs: Names = ()
    ) -> ValidationResult:
        """Return everything that is wrong with a configuration, or what it means with every default."""
        request = JobOptions(pipelines, config, outputs).validation()
        answer = await self._connection.call(self._connection.stubs.pipelines.ValidateConfig, request)
        return validation_result(answer)

    async def health(self, *, timeout: float = UNARY_TIMEOUT) -> Health:
        """Return whether the service works, part by part."""
        return await self._connection.call(self._connection.stubs.system.GetHealth, GetHealthRequest(), timeout)

    async def server_info(self, *, timeout: float = UNARY_TIMEOUT) -> ServerInfo:
        """Return version and limits of the server."""
        rpc = self._connection.stubs.system.GetServerInfo
        return await self._connection.call(rpc, GetServerInfoRequest(), timeout)

    async def create_token(
        self, name: str, *, scope: str = "write", owner: str = "", expires_in: timedelta | None = None
    ) -> CreatedToken:
        """Make a token; its secret is in the answer and nowhere else. Needs admin scope, as all calls about tokens.

        Raises:
            InvalidRequestError: If there is no such scope.
        """
        request = CreateTokenRequest(name=name, owner=owner, scope=number_of(TokenScope, scope, "scope"))
        if expires_in is not None:
            request.expires_at.FromDatetime(datetime.now(UTC) + expires_in)
        return await self._connection.ask(self._connection.stubs.tokens.CreateToken, request)

    async def tokens(self) -> list[Token]:
        """Return all tokens without their secrets."""
        answer = await self._connection.call(self._connection.stubs.tokens.ListTokens, ListTokensRequest())
        return list(answer.tokens)

    async def revoke_token(self, token_id: str) -> None:
        """Make a token useless at once.

        Raises:
            TokenNotFoundError: If there is none.
        """
        request = RevokeTokenRequest(token_id=token_id)
        await self._connection.call(self._connection.stubs.tokens.RevokeToken, request)
