"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import grpc.aio

from videoannotator_client._async.connection import AsyncConnection
from videoannotator_client.listing import Listing

Item = TypeVar("Item")

_PAGE = 100


async def listing(
    connection: AsyncConnection,
    rpc: grpc.aio.UnaryUnaryMultiCallable[Any, Any],
    request: Any,
    items_of: Callable[[Any], Iterable[Item]],
    limit: int | None,
) -> Listing[Item]:
    """Return the items of as many pages as it takes: all, or ``limit`` of them."""
    found: list[Item] = []
    token = ""
    while True:
        size = _PAGE if limit is None else min(limit - len(found), _PAGE)
        question = type(request)(page_size=size, page_token=token)
        question.MergeFrom(request)
        page = await connection.call(rpc, question)
        found += items_of(page)
        token = page.next_page_token
        if not token or len(found) == limit:
            return Listing(found, page.total)
