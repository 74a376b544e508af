"""Every bad request gets its status and the whole envelope, and the service goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Rest, form, raw

JSON = {"content-type": "application/json"}
NO_TOKEN = {"authorization": ""}
JOBS = "/api/v1/jobs"
VIDEOS = "/api/v1/videos"
VALIDATE = "/api/v1/config/validate"


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


BAD: list[tuple[str, str, str, Any, dict[str, str], int, str]] = [
    # who asks
    ("no token", "GET", JOBS, None, NO_TOKEN, 401, "UNAUTHORIZED"),
    ("nonsense token", "GET", JOBS, None, bearer("nonsense"), 401, "UNAUTHORIZED"),
    ("the old default token", "GET", JOBS, None, bearer("dev-token"), 401, "UNAUTHORIZED"),
    ("unknown token", "GET", JOBS, None, bearer("va_000000000000_" + "0" * 48 + "_00000000"), 401, "UNAUTHORIZED"),
    ("another scheme", "GET", JOBS, None, {"authorization": "Basic YTpi"}, 401, "UNAUTHORIZED"),
    ("token in the query", "GET", f"{JOBS}/x/events?token=nonsense", None, NO_TOKEN, 401, "UNAUTHORIZED"),
    ("no token for an upload", "POST", VIDEOS + "?filename=a", b"x" * 100, NO_TOKEN, 401, "UNAUTHORIZED"),
    ("no token for counts", "GET", "/metrics", None, NO_TOKEN, 401, "UNAUTHORIZED"),
    # where and how
    ("unknown path", "GET", "/nope", None, {}, 404, "PATH_NOT_FOUND"),
    ("unknown path of the API", "GET", "/api/v1/nope", None, {}, 404, "PATH_NOT_FOUND"),
    ("debug path", "GET", "/api/v1/debug/token-info", None, {}, 404, "PATH_NOT_FOUND"),
    ("root", "GET", "/", None, {}, 404, "PATH_NOT_FOUND"),
    ("too deep a path", "GET", JOBS + "/a/b/c/d", None, {}, 404, "PATH_NOT_FOUND"),
    ("climbing path", "GET", JOBS + "/../../../etc/passwd", None, {}, 404, "PATH_NOT_FOUND"),
    ("native path without gRPC", "GET", "/videoannotator.v2.X/Y", None, {}, 404, "PATH_NOT_FOUND"),
    ("PUT on a list", "PUT", JOBS, b"{}", JSON, 405, "METHOD_NOT_ALLOWED"),
    ("PATCH on a job", "PATCH", JOBS + "/x", b"{}", JSON, 405, "METHOD_NOT_ALLOWED"),
    ("POST on a health page", "POST", "/health", b"{}", JSON, 405, "METHOD_NOT_ALLOWED"),
    ("DELETE on a list", "DELETE", JOBS + "/", None, {}, 405, "METHOD_NOT_ALLOWED"),
    ("GET on an action", "GET", JOBS + "/x/cancel", None, {}, 405, "METHOD_NOT_ALLOWED"),
    ("OPTIONS that is no preflight", "OPTIONS", JOBS, None, {}, 405, "METHOD_NOT_ALLOWED"),
    ("NUL in the path", "GET", JOBS + "/%00", None, {}, 400, "INVALID_REQUEST"),
    # lists
    ("page -1", "GET", JOBS + "?page=-1", None, {}, 400, "INVALID_REQUEST"),
    ("page 0", "GET", JOBS + "?page=0", None, {}, 400, "INVALID_REQUEST"),
    ("page abc", "GET", JOBS + "?page=abc", None, {}, 400, "INVALID_REQUEST"),
    ("page beyond integers", "GET", JOBS + "?page=99999999999999", None, {}, 400, "INVALID_REQUEST"),
    ("per_page 101", "GET", JOBS + "?per_page=101", None, {}, 400, "INVALID_REQUEST"),
    ("per_page 0", "GET", JOBS + "/?per_page=0", None, {}, 400, "INVALID_REQUEST"),
    ("unknown status", "GET", JOBS + "?status_filter=done", None, {}, 400, "INVALID_REQUEST"),
    ("wrong page token", "GET", VIDEOS + "?page_token=%25%25", None, {}, 400, "INVALID_REQUEST"),
    # things that are not there
    ("job", "GET", JOBS + "/nope", None, {}, 404, "JOB_NOT_FOUND"),
    ("job with a strange name", "GET", JOBS + "/%2e%2e%2fx", None, {}, 404, "JOB_NOT_FOUND"),
    ("job to delete", "DELETE", JOBS + "/nope", None, {}, 404, "JOB_NOT_FOUND"),
    ("job to cancel", "POST", JOBS + "/nope/cancel", None, {}, 404, "JOB_NOT_FOUND"),
    ("job to retry", "POST", JOBS + "/nope/retry", b"{}", JSON, 404, "JOB_NOT_FOUND"),
    ("results", "GET", JOBS + "/nope/results", None, {}, 404, "JOB_NOT_FOUND"),
    ("zip", "GET", JOBS + "/nope/artifacts", None, {}, 404, "JOB_NOT_FOUND"),
    ("file", "GET", JOBS + "/nope/results/files/scene", None, {}, 404, "JOB_NOT_FOUND"),
    ("file by a climbing name", "GET", JOBS + "/nope/artifacts/..%2f..%2fx", None, {}, 404, "JOB_NOT_FOUND"),
    ("artifact", "GET", "/api/v1/artifacts/nope", None, {}, 404, "ARTIFACT_NOT_FOUND"),
    ("events", "GET", JOBS + "/nope/events", None, {}, 404, "JOB_NOT_FOUND"),
    ("events without a job", "GET", "/api/v1/events/stream", None, {}, 400, "INVALID_REQUEST"),
    ("events after nonsense", "GET", JOBS + "/x/events", None, {"last-event-id": "x"}, 400, "INVALID_REQUEST"),
    ("pipeline", "GET", "/api/v1/pipelines/nope", None, {}, 404, "PIPELINE_NOT_FOUND"),
    ("form of a pipeline", "GET", "/api/v1/pipelines/nope/schema", None, {}, 404, "PIPELINE_NOT_FOUND"),
    ("pipeline to check", "POST", "/api/v1/pipelines/nope/validate", {"config": {}}, {}, 404, "PIPELINE_NOT_FOUND"),
    ("video", "GET", VIDEOS + "/nope", None, {}, 404, "VIDEO_NOT_FOUND"),
    ("token", "DELETE", "/api/v1/tokens/nope", None, {}, 404, "TOKEN_NOT_FOUND"),
    # bodies
    ("broken JSON", "POST", VALIDATE, b"{", JSON, 400, "INVALID_REQUEST"),
    ("no JSON", "POST", VALIDATE, b"<xml/>", JSON, 400, "INVALID_REQUEST"),
    ("wrong type in JSON", "POST", VALIDATE, {"config": 5}, {}, 400, "INVALID_REQUEST"),
    ("list in place of an object", "POST", VALIDATE, b"[]", JSON, 400, "INVALID_REQUEST"),
    ("JSON of 5 MB", "POST", VALIDATE, b'{"config":"' + b"x" * 5_000_000 + b'"}', JSON, 413, "PAYLOAD_TOO_LARGE"),
    ("nothing as a job", "POST", JOBS, None, {}, 400, "INVALID_REQUEST"),
    ("text as a job", "POST", JOBS, b"hello", {"content-type": "text/plain"}, 400, "INVALID_REQUEST"),
    ("job without a video", "POST", JOBS, {"pipelines": ["scene"]}, {}, 400, "INVALID_REQUEST"),
    ("job of broken JSON", "POST", JOBS, b"{", JSON, 400, "INVALID_REQUEST"),
    ("job of deep JSON", "POST", JOBS, b"[" * 100_000, JSON, 400, "INVALID_REQUEST"),
    ("job of 5 MB", "POST", JOBS, b'"' + b"x" * 5_000_000, JSON, 413, "PAYLOAD_TOO_LARGE"),
    ("job with wrong types", "POST", JOBS, {"video_id": 1, "priority": "x"}, {}, 400, "INVALID_REQUEST"),
    ("job with an unknown field", "POST", JOBS, {"vidoe_id": "x"}, {}, 400, "INVALID_REQUEST"),
    ("job of a missing video", "POST", JOBS, {"video_id": "x", "pipelines": ["scene"]}, {}, 404, "VIDEO_NOT_FOUND"),
    ("job of no pipeline", "POST", JOBS, {"video_id": "x"}, {}, 400, "INVALID_CONFIG"),
    ("job of NaN", "POST", JOBS, b'{"video_id":"x","config":{"a":NaN}}', JSON, 400, "INVALID_REQUEST"),
    ("form without a boundary", "POST", JOBS, b"x", {"content-type": "multipart/form-data"}, 400, "INVALID_REQUEST"),
    (
        "form that is none",
        "POST",
        JOBS,
        b"x",
        {"content-type": "multipart/form-data; boundary=b"},
        400,
        "INVALID_REQUEST",
    ),
    # uploads
    ("announcement without a size", "POST", VIDEOS, {"filename": "a"}, {}, 400, "INVALID_REQUEST"),
    ("announcement of too much", "POST", VIDEOS, {"filename": "a", "size_bytes": 10**12}, {}, 413, "UPLOAD_TOO_LARGE"),
    ("announcement of nonsense", "POST", VIDEOS, {"size": "x"}, {}, 400, "INVALID_REQUEST"),
    ("file without a name", "POST", VIDEOS, b"x", {"content-type": "video/mp4"}, 400, "INVALID_REQUEST"),
    ("file that is no video", "POST", VIDEOS + "?filename=a.mp4", b"x" * 5000, {}, 415, "UNSUPPORTED_MEDIA"),
    ("bytes of no video", "PUT", VIDEOS + "/nope?offset=0", b"x", {}, 404, "VIDEO_NOT_FOUND"),
    ("offset that is no number", "PUT", VIDEOS + "/nope?offset=x", b"x", {}, 400, "INVALID_REQUEST"),
    ("unknown scope", "POST", "/api/v1/tokens", {"name": "a", "scope": "root"}, {}, 400, "INVALID_REQUEST"),
    ("token without a name", "POST", "/api/v1/tokens", b"{}", JSON, 400, "INVALID_REQUEST"),
    ("address of 40 kB", "GET", JOBS + "?x=" + "x" * 40_000, None, {}, 431, "HEADERS_TOO_LARGE"),
    ("headers of 40 kB", "GET", JOBS, None, {"x-a": "x" * 40_000}, 431, "HEADERS_TOO_LARGE"),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_a_bad_request_is_told_what_is_wrong(
    rest: Rest, method: str, path: str, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    answer = rest.call(method, path, body, headers, token="" if headers.get("authorization") == "" else None)
    assert (answer.status, answer.error()["code"]) == (status, code), answer
    assert rest.get("/health", token="").json()["status"] == "healthy"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "INVALID_REQUEST"),
        (b"GET /health HTTP/1.0\r\n\r\n", 426, "UPGRADE_REQUIRED"),
        (b"GET /health HTTP/1.1\r\n\r\n", 400, "INVALID_REQUEST"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "INVALID_REQUEST"),
    ],
    ids=["nonsense", "HTTP/1.0", "no Host", "negative length"],
)
def test_what_is_hardly_http_gets_the_envelope_too(rest: Rest, sent: bytes, status: int, code: str) -> None:
    with rest.socket() as connection:
        answer = raw(connection, sent)
    assert (answer.status, answer.json()["error"]["code"]) == (status, code)


def test_everything_that_is_wrong_is_told_at_once(rest: Rest, short_video: Path) -> None:
    config = {"person_tracking": {"confidence_threshold": 7, "no_such": 1}, "scene": {"min_scene_length": "long"}}
    answer = rest.submit(short_video, "person, scene", config=json.dumps(config), outputs="coco,xml", priority="1000")
    assert answer.status == 400
    violations = answer.error()["detail"]["violations"]
    assert {each["field"] for each in violations} == {
        "config.person_tracking.confidence_threshold",
        "config.person_tracking.no_such",
        "config.scene.min_scene_length",
        "outputs[1]",
        "priority",
    }


def test_hundreds_of_violations_still_fit(rest: Rest, short_video: Path) -> None:
    config = {"scene_detection": {f"unknown_option_{number}": number for number in range(500)}}
    error = rest.submit(short_video, config=json.dumps(config)).error()
    assert error["code"] == "INVALID_CONFIG"
    assert error["detail"]["violations_omitted"] > 0


def test_broken_json_in_a_form_names_the_field(rest: Rest, short_video: Path) -> None:
    error = rest.submit(short_video, config="{").error()
    assert (error["code"], error["field"]) == ("INVALID_REQUEST", "config")


def test_a_form_with_two_videos_or_none_is_refused(rest: Rest, short_video: Path) -> None:
    body, kind = form({}, "a.mp4", short_video.read_bytes())
    twice = body[: body.rindex(b"--" + kind.partition("=")[2].encode())] + body
    assert rest.post(JOBS, twice, headers={"content-type": kind}).error()["field"] == "video"
    none = body.replace(b'name="video"', b'name="film"')
    assert rest.post(JOBS, none, headers={"content-type": kind}).error()["field"] == "video"
