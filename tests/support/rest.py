"""A REST client that shows everything: status, headers, body, and what the connection did."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.support.service import Service, eventually

ENVELOPE = {"code", "message", "detail", "hint", "field", "timestamp"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        assert self.headers["content-type"] == "application/json", self
        return json.loads(self.body)

    def error(self) -> dict[str, Any]:
        """Return the error, after a look at the shape that every error must have."""
        content = self.json()
        assert set(content) == {"error", "detail"}, content
        error = content["error"]
        assert set(error) == ENVELOPE, error
        assert content["detail"] == error["message"]
        assert error["code"]
        assert error["hint"]
        assert error["message"]
        assert error["timestamp"].endswith("Z")
        assert "request_id" in error["detail"]
        return error


class Rest:
    """Calls a service over HTTP/1.1, one connection a call."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 0)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """Make a call; a mapping is sent as JSON."""
        connection, response = self._begin(method, path, body, headers, token, timeout)
        try:
            return Answer(response.status, lower(response), response.read())
        finally:
            connection.close()

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: bytes, **options: Any) -> Answer:
        return self.call("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def submit(self, video: Path, pipelines: str = "scene", **fields: str) -> Answer:
        """Send a video and a job as a form."""
        body, kind = form({"selected_pipelines": pipelines, **fields}, video.name, video.read_bytes())
        return self.post("/api/v1/jobs", body, headers={"content-type": kind})

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str] | None = None, token: str | None = None) -> Iterator[Any]:
        """Yield the open response of a stream; the connection is cut when the block ends."""
        connection, response = self._begin("GET", path, None, headers, token, 60.0)
        try:
            yield response
        finally:
            connection.close()

    def events(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """Return all Server-Sent Events of a stream that ends."""
        with self.stream(path, **options) as response:
            return list(events(response))

    def socket(self) -> socket.socket:
        """Return a bare connection."""
        return socket.create_connection(self.address, timeout=15)

    def _begin(
        self,
        method: str,
        path: str,
        body: Any,
        headers: Mapping[str, str] | None,
        token: str | None,
        timeout: float,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(*self.address, timeout=timeout)
        sent = dict(headers or {})
        known = self.token if token is None else token
        if known:
            sent.setdefault("authorization", f"Bearer {known}")
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        try:
            connection.request(method, path, body, sent)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise


def lower(response: http.client.HTTPResponse) -> dict[str, str]:
    """Return the headers by their lower-case names."""
    assert parsedate_to_datetime(response.headers["date"])
    return {name.lower(): value for name, value in response.headers.items()}


def form(fields: Mapping[str, str], filename: str, data: bytes, *, closed: bool = True) -> tuple[bytes, str]:
    """Return a multipart form and its content type; ``closed=False`` leaves its end out."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="{filename}"\r\n'
    parts.append(head.encode() + b"Content-Type: video/mp4\r\n\r\n" + data + b"\r\n")
    end = f"--{boundary}--\r\n".encode() if closed else b""
    return b"".join(parts) + end, f"multipart/form-data; boundary={boundary}"


def events(response: Any) -> Iterator[dict[str, Any]]:
    """Yield Server-Sent Events as they come: id, event and the data as JSON."""
    found: dict[str, Any] = {}
    for line in response:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name in ("id", "event"):
            found[name] = value
        elif name == "data":
            found["data"] = json.loads(value)
        elif not name and "data" in found:
            yield found
            found = {}


def noticed(service: Service, request_id: str, since: float) -> float:
    """Return how many seconds after ``since`` the service, which logs as JSON, noticed that a caller had gone."""
    line = eventually(lambda: next((each for each in service.output if request_id in each), None), 10)
    entry = json.loads(line)
    assert entry["message"].split()[1] == "CANCELLED", entry
    return datetime.fromisoformat(entry["time"]).timestamp() - since


def raw(connection: socket.socket, data: bytes) -> Answer:
    """Send bytes and return what comes back as an answer."""
    connection.sendall(data)
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, lower(response), response.read())
