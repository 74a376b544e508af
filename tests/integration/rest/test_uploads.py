"""An upload arrives whole or not at all, or goes on where it broke off."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import struct
import time
from pathlib import Path

import psutil
import pytest

from tests.support.rest import Rest, form, noticed
from tests.support.service import Service, eventually

MIB = 2**20


def stored(service: Service) -> set[str]:
    """Return the names of all uploads on the disk."""
    return {path.name for path in (service.storage / "uploads").iterdir()}


def announce(rest: Rest, data: bytes, **fields: str) -> str:
    answer = rest.post("/api/v1/videos", {"filename": "v.mp4", "size_bytes": len(data), **fields})
    assert answer.status == 201, answer
    return str(answer.json()["id"])


def padded(video: Path, size: int) -> bytes:
    """Return a video with a free box behind it, which players skip."""
    data = video.read_bytes()
    return data + struct.pack(">I4s", size - len(data), b"free") + bytes(size - len(data) - 8)


def test_a_form_without_its_end_is_no_job(rest: Rest, rest_service: Service, short_video: Path) -> None:
    before, jobs = stored(rest_service), rest.get("/api/v1/jobs").json()["total"]
    body, kind = form({"selected_pipelines": "scene"}, "a.mp4", short_video.read_bytes(), closed=False)
    answer = rest.post("/api/v1/jobs", body, headers={"content-type": kind})
    assert (answer.status, answer.error()["field"]) == (400, "body")
    assert rest.get("/api/v1/jobs").json()["total"] == jobs
    eventually(lambda: stored(rest_service) == before)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"config": '{"scene_detection": {"threshold": -1}}'}, 400),
        ({"selected_pipelines": "nope"}, 404),
        ({"outputs": "xml"}, 400),
    ],
    ids=["config", "pipeline", "outputs"],
)
def test_an_invalid_job_leaves_no_video(
    rest: Rest, rest_service: Service, short_video: Path, fields: dict[str, str], status: int
) -> None:
    before, videos = stored(rest_service), rest.get("/api/v1/videos").json()["total"]
    body, kind = form({"selected_pipelines": "scene", **fields}, "a.mp4", short_video.read_bytes())
    answer = rest.post("/api/v1/jobs", body, headers={"content-type": kind})
    assert answer.status == status
    answer.error()
    assert rest.get("/api/v1/videos").json()["total"] == videos
    assert stored(rest_service) == before


@pytest.mark.parametrize("kind", ["form", "file"])
def test_a_client_that_goes_away_leaves_nothing_and_is_noticed_at_once(
    rest: Rest, rest_service: Service, short_video: Path, kind: str
) -> None:
    before, videos = stored(rest_service), rest.get("/api/v1/videos").json()["total"]
    if kind == "form":
        body, content_type = form({"selected_pipelines": "scene"}, "a.mp4", bytes(30 * MIB))
        path = "/api/v1/jobs"
    else:
        body, content_type, path = bytes(30 * MIB), "video/mp4", "/api/v1/videos?filename=a.mp4"
    delays = []
    for number in range(3):  # a busy machine may be late once
        request_id = f"gone-{kind}-{number}"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {rest.token}\r\nX-Request-Id: {request_id}\r\n"
        )
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        with rest.socket() as connection:
            connection.sendall(head.encode() + body[: 9 * MIB])
            eventually(lambda: stored(rest_service) != before)
            gone = time.time()
        delays.append(noticed(rest_service, request_id, gone))
        eventually(lambda: stored(rest_service) == before)
    assert min(delays) < 0.1
    assert rest.get("/api/v1/videos").json()["total"] == videos


def test_a_file_is_taken_at_once(rest: Rest, rest_service: Service, short_video: Path) -> None:
    data = short_video.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    answer = rest.post(f"/api/v1/videos?filename=one.mp4&sha256={digest}", data, headers={"content-type": "video/mp4"})
    assert answer.status == 201
    video = answer.json()
    assert (video["state"], video["sha256"], video["filename"]) == ("ready", digest, "one.mp4")
    before = stored(rest_service)
    wrong = rest.post(f"/api/v1/videos?filename=one.mp4&sha256={'0' * 64}", data)
    assert (wrong.status, wrong.error()["code"]) == (422, "CHECKSUM_MISMATCH")
    assert stored(rest_service) == before
    assert rest.delete(f"/api/v1/videos/{video['id']}").status == 204


def test_an_upload_that_breaks_twenty_times_ends_with_the_right_bytes(
    rest: Rest, rest_service: Service, short_video: Path
) -> None:
    data = padded(short_video, 12 * MIB)
    video_id = announce(rest, data, sha256=hashlib.sha256(data).hexdigest())
    path = f"/api/v1/videos/{video_id}"
    chance = random.Random(7)
    for _ in range(20):
        start = rest.get(path).json()["committed_bytes"]
        head = f"PUT {path}?offset={start} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {rest.token}\r\n"
        head += f"Content-Length: {len(data) - start}\r\n\r\n"
        with rest.socket() as connection:
            connection.sendall(head.encode() + data[start : start + chance.randrange(1, MIB)])
            time.sleep(0.05)  # what a proxy has not passed on when the connection breaks is lost
            if chance.random() < 0.5:  # a reset in place of an end
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    start = eventually(lambda: settled(rest, path))["committed_bytes"]
    assert start > 0
    done = rest.put(f"{path}?offset={start}", data[start:])
    assert done.status == 200, done
    assert (done.json()["state"], done.json()["sha256"]) == ("ready", hashlib.sha256(data).hexdigest())
    assert (rest_service.storage / "uploads" / video_id / "data").read_bytes() == data


def settled(rest: Rest, path: str) -> dict[str, int] | None:
    """Return the video once the last broken call has let go of it."""
    first = rest.get(path).json()
    time.sleep(0.2)
    return first if rest.get(path).json() == first else None


def test_the_wrong_offset_tells_the_right_one(rest: Rest, short_video: Path) -> None:
    data = short_video.read_bytes()
    video_id = announce(rest, data)
    answer = rest.put(f"/api/v1/videos/{video_id}?offset=10", data[10:])
    error = answer.error()
    assert (answer.status, error["code"]) == (409, "UPLOAD_OFFSET_MISMATCH")
    assert error["detail"]["committed_bytes"] == 0
    rest.delete(f"/api/v1/videos/{video_id}")


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_too_large_a_file_is_refused_and_its_sender_hears_why(rest: Rest, rest_service: Service, chunked: bool) -> None:
    before = stored(rest_service)
    body: object = bytes(45 * MIB)
    if chunked:
        body = (bytes(MIB) for _ in range(45))
    answer = rest.post("/api/v1/videos?filename=a.mp4", body, headers={"content-type": "video/mp4"})
    assert (answer.status, answer.error()["code"]) == (413, "UPLOAD_TOO_LARGE")
    eventually(lambda: stored(rest_service) == before)


def test_the_sender_of_a_large_body_without_a_token_hears_why(rest: Rest) -> None:
    body, kind = form({}, "a.mp4", bytes(20 * MIB))
    answer = rest.post("/api/v1/jobs", body, headers={"content-type": kind}, token="")
    assert (answer.status, answer.error()["code"]) == (401, "UNAUTHORIZED")


def test_memory_stays_flat_while_a_large_form_comes_in(rest: Rest, rest_service: Service, short_video: Path) -> None:
    server = psutil.Process(rest_service.process.pid)
    before = server.memory_info().rss
    body, kind = form({"selected_pipelines": "scene"}, "a.mp4", padded(short_video, 38 * MIB))
    job = rest.post("/api/v1/jobs", body, headers={"content-type": kind})
    assert job.status == 201, job
    assert server.memory_info().rss - before < 40 * MIB
    rest.delete(f"/api/v1/jobs/{job.json()['id']}?force=true")
    rest.delete(f"/api/v1/videos/{job.json()['video_id']}")


def test_json_about_a_job_is_checked_field_by_field(rest: Rest) -> None:
    content = {"video_id": 5, "pipelines": "scene", "labels": {"a": 1}, "nonsense": True}
    error = rest.post(
        "/api/v1/jobs", json.dumps(content).encode(), headers={"content-type": "application/json"}
    ).error()
    found = {each["field"]: each["code"] for each in error["detail"]["violations"]}
    assert found == {
        "video_id": "INVALID_TYPE",
        "pipelines": "INVALID_TYPE",
        "labels.a": "INVALID_TYPE",
        "nonsense": "UNKNOWN_FIELD",
    }
