"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from videoannotator_client.calls import Rpc, call
from videoannotator_client.steps import Plan

Item = TypeVar("Item")

_PAGE = 100


class Listing(list[Item]):
    """The first items of a list on the server, ``total`` of which are there."""

    def __init__(self, items: list[Item], total: int) -> None:
        super().__init__(items)
        self.total = total


def listing(
    rpc: Rpc[Any, Any], request: Any, items_of: Callable[[Any], list[Item]], limit: int | None
) -> Plan[Listing[Item]]:
    """Return the items of as many pages as it takes: all, or ``limit`` of them."""
    found: list[Item] = []
    token = ""
    while True:
        size = _PAGE if limit is None else min(limit - len(found), _PAGE)
        question = type(request)(page_size=size, page_token=token)
        question.MergeFrom(request)
        page = yield from call(rpc, question)
        found += items_of(page)
        token = page.next_page_token
        if not token or len(found) == limit:
            return Listing(found, page.total)
