"""The worker's end of the socket to the server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

from pydantic import BaseModel

from videoannotator.worker.protocol import TO_WORKER, ToWorker, encode


class Channel:
    """Sends and receives messages. Sending is safe from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: BaseModel) -> None:
        """Send a message.

        Raises:
            OSError: The server is gone.
        """
        with self._lock:
            self._connection.sendall(encode(message))

    def receive(self) -> Iterator[ToWorker]:
        """Yield messages until the server closes the socket."""
        with self._connection.makefile("rb") as lines:
            for line in lines:
                yield TO_WORKER.validate_json(line)
