"""An HTTP/1.1 client that costs little: one process, bare sockets that stay open, requests that were written before."""

from __future__ import annotations

import http.client
import re
import selectors
import socket
import time
from dataclasses import dataclass
from pathlib import Path

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_BOUNDARY = "a-boundary-that-is-in-no-video"


@dataclass(frozen=True, slots=True)
class Load:
    """What a time of asking came to."""

    delays: list[float]
    """From request to answer, in milliseconds, sorted."""
    seconds: float
    own_share: float
    """The part of one processor that the client took."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.delays) / self.seconds

    def percentile(self, part: float) -> float:
        """Return the delay that ``part`` (0 to 1) of the answers kept below, in milliseconds."""
        return self.delays[min(len(self.delays) - 1, int(part * len(self.delays)))]


def get(path: str, token: str = "", **headers: str) -> bytes:
    """Return a request."""
    lines = [f"GET {path} HTTP/1.1", "Host: bench"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def ask(address: tuple[str, int], request: bytes, connections: int, seconds: float) -> Load:
    """Send ``request`` over and over, one at a time on each connection, and return how that went.

    Raises:
        AssertionError: An answer was not 200.
    """
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = socket.create_connection(address, timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
    try:
        return _ask(selector, request, seconds)
    finally:
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr] # sockets, all of them
        selector.close()


def _ask(selector: selectors.BaseSelector, request: bytes, seconds: float) -> Load:
    sent: dict[int, float] = {}
    arrived: dict[int, bytes] = {}
    delays: list[float] = []
    began, spent = time.perf_counter(), time.process_time()
    for key in selector.get_map().values():
        sent[key.fd] = time.perf_counter()
        arrived[key.fd] = b""
        key.fileobj.sendall(request)
    while (now := time.perf_counter()) - began < seconds:
        for key, _ in selector.select(1.0):
            arrived[key.fd] += key.fileobj.recv(65536)
            if not whole(arrived[key.fd]):
                continue
            now = time.perf_counter()
            delays.append(1000 * (now - sent[key.fd]))
            arrived[key.fd], sent[key.fd] = b"", now
            key.fileobj.sendall(request)
    return Load(sorted(delays), now - began, (time.process_time() - spent) / (now - began))


def whole(answer: bytes) -> bool:
    """Return whether an answer with a Content-Length has arrived to its end."""
    head, end, body = answer.partition(_END)
    if not end:
        assert answer, "the connection was closed"
        return False
    assert head.startswith(b"HTTP/1.1 200"), answer
    length = _LENGTH.search(head)
    assert length, head
    return len(body) >= int(length[1])


def send(address: tuple[str, int], path: str, file: Path, token: str = "") -> tuple[float, bytes]:
    """Send a file as the field ``video`` of a form; return the seconds until the answer, and its body.

    Raises:
        AssertionError: The answer was neither 200 nor 201.
    """
    first, last = _frame(file.name)
    head = [f"POST {path} HTTP/1.1", "Host: bench", f"Content-Type: multipart/form-data; boundary={_BOUNDARY}"]
    head += [f"Content-Length: {len(first) + file.stat().st_size + len(last)}"]
    head += [f"Authorization: Bearer {token}"] if token else []
    with socket.create_connection(address, timeout=120) as connection, file.open("rb") as source:
        began = time.perf_counter()
        connection.sendall("\r\n".join([*head, "", ""]).encode() + first)
        connection.sendfile(source)
        connection.sendall(last)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read()
        assert answer.status in (200, 201), body
        return time.perf_counter() - began, body


def receive(address: tuple[str, int], request: bytes) -> tuple[float, int]:
    """Download; return the seconds that took, and the number of bytes."""
    room = memoryview(bytearray(2**20))
    with socket.create_connection(address, timeout=120) as connection:
        began = time.perf_counter()
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200, answer.read()
        count = 0
        while size := answer.readinto(room):
            count += size
        return time.perf_counter() - began, count


def _frame(filename: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the file in a form."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="selected_pipelines"\r\n\r\nscene',
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="{filename}"',
    ]
    return "\r\n".join([*parts, "Content-Type: video/mp4", "", ""]).encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()


class Listeners:
    """Many clients of one stream of Server-Sent Events."""

    def __init__(self, address: tuple[str, int], request: bytes, count: int) -> None:
        """Connect all of them; none has heard anything yet."""
        self._selector = selectors.DefaultSelector()
        self._heard: dict[int, bytes] = {}
        for _ in range(count):
            connection = socket.create_connection(address, timeout=30)
            connection.sendall(request)
            self._heard[connection.fileno()] = b""
            self._selector.register(connection, selectors.EVENT_READ)

    def wait_for(self, event: bytes, seconds: float) -> list[float]:
        """Return when each of them heard of ``event`` (as it is written), in Unix seconds, sorted.

        Raises:
            AssertionError: Not all of them did within ``seconds``.
        """
        waiting, deadline = set(self._heard), time.monotonic() + seconds
        moments = []
        while waiting:
            assert time.monotonic() < deadline, f"{len(waiting)} of {len(self._heard)} have not heard {event!r}"
            for key, _ in self._selector.select(1.0):
                data = key.fileobj.recv(2**18)
                assert data, "a stream has ended"
                self._heard[key.fd] += data
                if key.fd in waiting and event in self._heard[key.fd]:
                    waiting.discard(key.fd)
                    moments.append(time.time())
                    self._heard[key.fd] = b""
        return sorted(moments)

    def close(self) -> None:
        """Go away."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
