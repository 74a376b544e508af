"""A way to the service on which connections break."""

from __future__ import annotations

import math
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

_LINGER = 0.05
"""Seconds for the service to take what was passed on; a reset makes gRPC drop what it has not handed over yet."""


class BrittleRelay:
    """Passes connections on, each until it has carried as many bytes as the next of ``budgets``, then resets it.

    When the budgets are used up, connections hold. ``target`` may change; ``breaks`` counts the resets.
    """

    def __init__(self, target: str, budgets: Iterable[int] = ()) -> None:
        self.target = target
        self.breaks = 0
        self._budgets = iter(budgets)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End every connection and take no more."""
        self._listener.close()
        for pair in self._pairs:
            for end in pair:
                end.close()

    def __enter__(self) -> BrittleRelay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                host, port = self.target.rsplit(":", 1)
                try:
                    server = socket.create_connection((host, int(port)))
                except OSError:
                    client.close()
                    continue
                self._pairs.append((client, server))
                budget = _Budget(next(self._budgets, math.inf))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink, budget), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, budget: _Budget) -> None:
        with suppress(OSError):
            for data in _received(source):
                sink.sendall(data)
                if budget.spend(len(data)):
                    self.breaks += 1
                    time.sleep(_LINGER)
                    break
        for end in (source, sink):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
                end.close()


class _Budget:
    """Bytes that a connection may carry, in both directions together."""

    def __init__(self, size: float) -> None:
        self._left = size
        self._turn = threading.Lock()

    def spend(self, size: int) -> bool:
        """Return whether this used the budget up."""
        with self._turn:
            before, self._left = self._left, self._left - size
            return before > 0 >= self._left


def _received(source: socket.socket) -> Iterator[bytes]:
    while data := source.recv(65536):
        yield data
