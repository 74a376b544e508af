"""Live events: named, numbered, resumable, and gone with their reader."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Rest, events, noticed
from tests.support.service import Service, eventually


def is_of_the_moment(told: dict[str, Any]) -> bool:
    return told["type"] == "queue_position" or (told["type"] == "progress" and told["status"] == "running")


def test_the_whole_life_of_a_job_is_told(rest: Rest, short_video: Path) -> None:
    job = rest.submit(short_video).json()
    told = rest.events(f"/api/v1/jobs/{job['id']}/events?after_sequence=0")
    assert told[0]["event"] == "job.update"
    assert told[0]["data"]["type"] == "snapshot"
    assert told[0]["data"]["job"]["id"] == job["id"]
    history = [each for each in told[1:] if not is_of_the_moment(each["data"])]
    assert [int(each["id"]) for each in history] == list(range(1, len(history) + 1))
    assert {each["data"]["job_id"] for each in told} == {job["id"]}
    statuses = [each["data"]["status"] for each in told if each["data"]["type"] == "status"]
    assert statuses == ["pending", "running", "completed"]
    assert any(each["event"] == "job.log" and each["data"]["message"] for each in told)
    assert told[-1]["event"] == "job.complete"
    assert told[-1]["data"]["job"]["status"] == told[-1]["data"]["status"] == "completed"


def test_a_lost_stream_is_resumed_by_the_last_id(rest: Rest, finished: dict[str, Any]) -> None:
    path = f"/api/v1/jobs/{finished['id']}/events"
    everything = rest.events(f"{path}?after_sequence=0")
    last = int(everything[-1]["id"])
    resumed = rest.events(path, headers={"last-event-id": "2"})
    assert resumed[0]["data"]["type"] == "snapshot"
    assert [int(each["id"]) for each in resumed[1:]] == list(range(3, last + 1))
    ended = rest.get(path, headers={"last-event-id": str(last)})
    assert (ended.status, ended.body) == (204, b"")  # an EventSource stops asking
    beyond = rest.get(path, headers={"last-event-id": str(last + 1)})
    assert (beyond.status, beyond.error()["field"]) == (400, "after_sequence")


def test_lines_of_json_for_those_who_ask(rest: Rest, finished: dict[str, Any]) -> None:
    answer = rest.get(f"/api/v1/jobs/{finished['id']}/events", headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line["event"] for line in lines] == ["job.update", "job.complete"]


@pytest.mark.parametrize("name", ["token", "access_token"])
def test_the_token_may_be_in_the_query_and_is_in_no_log(
    rest: Rest, rest_service: Service, finished: dict[str, Any], name: str
) -> None:
    path = f"/api/v1/events/stream?job_id={finished['id']}&{name}={rest.token}"
    answer = rest.get(path, token="")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache"
    assert b"event: job.complete" in answer.body
    assert rest.get(f"/api/v1/jobs?{name}={rest.token}", token="").status == 200
    log = rest_service.storage / "logs" / "envoy.log"
    seen = eventually(lambda: any(answer.headers["x-request-id"] in line for line in log.read_text().splitlines()), 15)
    assert seen
    assert rest.token not in log.read_text()
    assert rest.token not in "".join(line for line in rest_service.output if "admin token" not in line)


def test_a_cancelled_job_says_so(rest: Rest, long_video: Path) -> None:
    job = rest.submit(long_video, "person").json()
    path = f"/api/v1/jobs/{job['id']}"
    with rest.stream(f"{path}/events") as response:
        live = events(response)
        next(live)
        assert rest.post(f"{path}/cancel").status == 200
        last = list(live)[-1]
    assert last["event"] == "job.cancelled"
    assert last["data"]["job"]["cancelled_at"]
    rest.delete(path)


def test_a_reader_that_goes_away_is_noticed_at_once(rest: Rest, rest_service: Service, long_video: Path) -> None:
    job = rest.submit(long_video, "person").json()
    delays = []
    for _ in range(3):  # a busy machine may be late once
        with rest.stream(f"/api/v1/jobs/{job['id']}/events") as response:
            next(events(response))
        gone = time.time()
        delays.append(noticed(rest_service, response.headers["x-request-id"], gone))
    assert min(delays) < 0.1
    assert rest.get(f"/api/v1/jobs/{job['id']}").json()["status"] in ("pending", "running")  # a watch is only a watch
    rest.delete(f"/api/v1/jobs/{job['id']}?force=true")


def test_an_attached_run_ends_with_its_caller(rest: Rest, long_video: Path) -> None:
    data = long_video.read_bytes()
    video = rest.post("/api/v1/videos?filename=v.mp4", data).json()
    body = json.dumps({"video_id": video["id"], "pipelines": ["person"]}).encode()
    head = f"POST /api/v1/jobs/run HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {rest.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with rest.socket() as connection:
        connection.sendall(head.encode() + body)
        assert b"event: job.update" in connection.recv(65536)
    jobs = rest.get(f"/api/v1/jobs?video_id={video['id']}").json()["jobs"]
    path = f"/api/v1/jobs/{jobs[0]['id']}"
    eventually(lambda: rest.get(path).json()["status"] == "cancelled", 10)
    rest.delete(path)


def test_a_stream_says_why_it_ends_early(rest: Rest, long_video: Path) -> None:
    job = rest.submit(long_video, "person").json()
    path = f"/api/v1/jobs/{job['id']}"
    with rest.stream(f"{path}/events") as response:
        live = events(response)
        next(live)
        rest.delete(f"{path}?force=true")
        last = list(live)[-1]
    assert last["event"] in ("job.cancelled", "error")
    if last["event"] == "error":
        assert last["data"]["error"]["code"] == "JOB_NOT_FOUND"
