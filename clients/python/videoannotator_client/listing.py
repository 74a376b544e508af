"""Lists of the server, which may be longer than what was asked for."""

from __future__ import annotations

from typing import TypeVar

Item = TypeVar("Item")


class Listing(list[Item]):
    """The first items of a list on the server, ``total`` of which are there."""

    def __init__(self, items: list[Item], total: int) -> None:
        super().__init__(items)
        self.total = total
