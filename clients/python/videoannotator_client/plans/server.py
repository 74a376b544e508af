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
from videoannotator_client.calls import UNARY_TIMEOUT, ask, call
from videoannotator_client.names import Names, names_in
from videoannotator_client.requests import Verdict, Wish, number_of, verdict_of
from videoannotator_client.steps import Plan


def pipelines(*, include_unavailable: bool = False) -> Plan[list[Pipeline]]:
    """Return the pipelines that can run on the server, or also those that cannot, with the reason."""
    request = ListPipelinesRequest(include_unavailable=include_unavailable)
    answer = yield from call(lambda stubs: stubs.pipelines.ListPipelines, request)
    return list(answer.pipelines)


def pipeline(name: str) -> Plan[Pipeline]:
    """Return one pipeline by name or alias.

    Raises:
        PipelineNotFoundError: If there is none.
    """
    return (yield from call(lambda stubs: stubs.pipelines.GetPipeline, GetPipelineRequest(name=name)))


def validate(config: Mapping[str, Any] | None = None, *, pipelines: Names = (), outputs: Names = ()) -> Plan[Verdict]:
    """Return everything that is wrong with a configuration, or what it means with every default."""
    wish = Wish(names_in(pipelines), config or {}, names_in(outputs))
    answer = yield from call(lambda stubs: stubs.pipelines.ValidateConfig, wish.validation())
    return verdict_of(answer)


def health(*, timeout: float = UNARY_TIMEOUT) -> Plan[Health]:
    """Return whether the service works, part by part."""
    return (yield from call(lambda stubs: stubs.system.GetHealth, GetHealthRequest(), timeout))


def server_info(*, timeout: float = UNARY_TIMEOUT) -> Plan[ServerInfo]:
    """Return version and limits of the server."""
    return (yield from call(lambda stubs: stubs.system.GetServerInfo, GetServerInfoRequest(), timeout))


def create_token(
    name: str, *, scope: str = "write", owner: str = "", expires_in: timedelta | None = None
) -> Plan[CreatedToken]:
    """Make a token; its secret is in the answer and nowhere else. Needs admin scope, as all calls about tokens.

    Raises:
        InvalidRequestError: If there is no such scope.
    """
    request = CreateTokenRequest(name=name, owner=owner, scope=number_of(TokenScope, scope, "scope"))
    if expires_in is not None:
        request.expires_at.FromDatetime(datetime.now(UTC) + expires_in)
    return (yield from ask(lambda stubs: stubs.tokens.CreateToken, request))


def tokens() -> Plan[list[Token]]:
    """Return all tokens without their secrets."""
    answer = yield from call(lambda stubs: stubs.tokens.ListTokens, ListTokensRequest())
    return list(answer.tokens)


def revoke_token(token_id: str) -> Plan[None]:
    """Make a token useless at once.

    Raises:
        TokenNotFoundError: If there is none.
    """
    yield from call(lambda stubs: stubs.tokens.RevokeToken, RevokeTokenRequest(token_id=token_id))
