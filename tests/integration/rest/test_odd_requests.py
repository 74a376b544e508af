"""Requests that HTTP allows and gRPC, or JSON, does not."""

from __future__ import annotations

import pytest

from tests.support.rest import Rest


@pytest.mark.parametrize("name", ["a$b", "a|b", "a!b", "x-bin", "grpc-timeout", "grpc-encoding", "x.y", "x_y"])
def test_a_header_that_grpc_would_refuse_is_no_error(rest: Rest, name: str) -> None:
    assert rest.get("/api/v1/jobs", headers={name: "1 !"}).status == 200


@pytest.mark.parametrize("path", ["/api/v1/videos", "/api/v1/jobs", "/api/v1/config/validate", "/api/v1/tokens"])
@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"name": "\x80"}', b"\x80\x06)\x03"])
def test_json_that_is_not_utf8_is_refused(rest: Rest, path: str, body: bytes) -> None:
    answer = rest.post(path, body, headers={"content-type": "application/json"})
    assert answer.status == 400
    assert answer.error()["code"] == "INVALID_REQUEST"
