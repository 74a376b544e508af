"""Downloads are resumable, cacheable, and never shorter than they say."""

from __future__ import annotations

import http.client
import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Answer, Rest
from tests.support.service import Service, sha256


@pytest.fixture
def artifact(finished: dict[str, Any]) -> dict[str, Any]:
    """The main file of the finished job."""
    files = finished["pipelines"][0]["artifacts"]
    return next(each for each in files if each["format"] == "coco")


@pytest.fixture
def whole(rest: Rest, artifact: dict[str, Any]) -> Answer:
    return rest.get(artifact["url"])


def test_a_file_comes_with_what_a_client_wants_to_know(whole: Answer, artifact: dict[str, Any]) -> None:
    assert whole.status == 200
    assert sha256(whole.body) == artifact["sha256"]
    assert whole.headers["content-length"] == str(len(whole.body)) == str(artifact["size_bytes"])
    assert whole.headers["etag"] == f'"{artifact["sha256"]}"'
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == artifact["media_type"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert artifact["name"] in whole.headers["content-disposition"]


def test_it_has_an_address_by_its_name(
    rest: Rest, finished: dict[str, Any], artifact: dict[str, Any], whole: Answer
) -> None:
    named = rest.get(f"/api/v1/jobs/{finished['id']}/artifacts/{artifact['name']}")
    assert (named.status, named.body) == (200, whole.body)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=50-99999999", 50, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_part_of_it_can_be_asked_for(
    rest: Rest, artifact: dict[str, Any], whole: Answer, asked: str, first: int, last: int | None
) -> None:
    part = rest.get(artifact["url"], headers={"range": asked})
    size = len(whole.body)
    start = first % size
    end = size - 1 if last is None else last
    assert part.status == 206
    assert part.body == whole.body[start : end + 1]
    assert part.headers["content-range"] == f"bytes {start}-{end}/{size}"
    assert part.headers["content-length"] == str(len(part.body))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_416(rest: Rest, artifact: dict[str, Any], whole: Answer, asked: str) -> None:
    answer = rest.get(artifact["url"], headers={"range": asked})
    assert (answer.status, answer.error()["code"]) == (416, "RANGE_NOT_SATISFIABLE")
    assert answer.headers["content-range"] == f"bytes */{len(whole.body)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b"])
def test_what_is_no_range_of_one_piece_is_ignored(
    rest: Rest, artifact: dict[str, Any], whole: Answer, asked: str
) -> None:
    answer = rest.get(artifact["url"], headers={"range": asked})
    assert (answer.status, answer.body) == (200, whole.body)


def test_what_the_client_has_already_is_not_sent_again(rest: Rest, artifact: dict[str, Any], whole: Answer) -> None:
    etag = whole.headers["etag"]
    same = rest.get(artifact["url"], headers={"if-none-match": f'"x", W/{etag}'})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", etag)
    assert rest.get(artifact["url"], headers={"if-none-match": '"x"'}).status == 200
    assert rest.get(artifact["url"], headers={"range": "bytes=1-2", "if-range": etag}).status == 206
    assert rest.get(artifact["url"], headers={"range": "bytes=1-2", "if-range": '"x"'}).status == 200


def test_head_has_the_headers_and_no_body(rest: Rest, artifact: dict[str, Any], whole: Answer) -> None:
    head = rest.call("HEAD", artifact["url"])
    assert (head.status, head.body) == (200, b"")
    for name in ("content-length", "etag", "content-type", "content-disposition"):
        assert head.headers[name] == whole.headers[name]


def test_a_zip_resumes_like_a_file(rest: Rest, finished: dict[str, Any]) -> None:
    path = f"/api/v1/jobs/{finished['id']}/artifacts"
    first = rest.get(path, headers={"range": "bytes=0-999"})
    rest_of_it = rest.get(path, headers={"range": "bytes=1000-", "if-range": first.headers["etag"]})
    assert (first.status, rest_of_it.status) == (206, 206)
    assert zipfile.ZipFile(io.BytesIO(first.body + rest_of_it.body)).testzip() is None
    only = zipfile.ZipFile(io.BytesIO(rest.get(f"{path}?formats=coco&video=false").body))
    assert [name.rpartition(".")[2] for name in only.namelist()] == ["json"]


def test_a_zip_without_the_deleted_video_is_still_there(rest: Rest, short_video: Path) -> None:
    job = rest.submit(short_video).json()
    path = f"/api/v1/jobs/{job['id']}"
    rest.events(f"{path}/events")
    assert rest.delete(f"/api/v1/videos/{job['video_id']}").status == 204
    assert rest.get(f"{path}/artifacts").error()["code"] == "VIDEO_NOT_FOUND"
    assert rest.get(f"{path}/artifacts?video=false").status == 200


def test_a_damaged_file_is_an_error_and_not_a_short_file(rest: Rest, rest_service: Service, short_video: Path) -> None:
    job = rest.submit(short_video).json()
    rest.events(f"/api/v1/jobs/{job['id']}/events")
    artifact = rest.get(f"/api/v1/artifacts?job_id={job['id']}").json()["artifacts"][0]
    stored = next((rest_service.storage / "results" / job["id"]).rglob("*.*"))
    for path in (rest_service.storage / "results" / job["id"]).rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    answer = rest.get(artifact["url"])
    assert (answer.status, answer.error()["code"]) == (500, "ARTIFACT_CORRUPT")
    stored.unlink()


def test_a_download_that_fails_half_way_is_not_taken_for_success(
    rest: Rest, rest_service: Service, short_video: Path
) -> None:
    """The file shrinks while it is sent: what was announced does not come, and the client sees that."""
    from tests.integration.rest.test_uploads import padded

    data = padded(short_video, 30 * 2**20)
    video = rest.post("/api/v1/videos?filename=big.mp4", data).json()
    job = rest.post("/api/v1/jobs", {"video_id": video["id"], "pipelines": ["scene"]}).json()
    rest.events(f"/api/v1/jobs/{job['id']}/events")
    stored = rest_service.storage / "uploads" / video["id"] / "data"
    with rest.stream(f"/api/v1/jobs/{job['id']}/artifacts") as response:
        response.read(2**20)
        with stored.open("r+b") as file:
            file.truncate(8 * 2**20)
        started = time.monotonic()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
        assert time.monotonic() - started < 5
