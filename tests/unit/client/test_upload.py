"""An upload survives every break, and gives up only when nothing arrives any more."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from videoannotator_client import Progress
from videoannotator_client import chunks as module
from videoannotator_client.transfer_retry import MAX_IDLE_ATTEMPTS

from tests.support.play import Play, termination
from videoannotator.errors import (
    InvalidConfigError,
    InvalidRequestError,
    ServiceUnavailableError,
    UnsupportedMediaError,
)
from videoannotator.v1.errors_pb2 import ErrorEnvelope
from videoannotator.v1.pipelines_pb2 import ValidateConfigResponse
from videoannotator.v1.types_pb2 import Job, Video, VideoState

DATA = bytes(range(256)) * 40
CHUNK = 1000


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "CHUNK", CHUNK)
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    return path


class Server:
    """Answers one client as the service does, and breaks its uploads as a test asks: after so many chunks."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.data = bytearray()
        self.created: list[Any] = []

    def create(self) -> None:
        self.created.append(self._play.answer("CreateVideo", self._video()))
        if len(self.data) < len(DATA):
            self._play.answer("GetVideo", self._video())

    def take(self, chunks: int | None = None, status: str = "UNAVAILABLE", *details: Any) -> None:
        rpc = self._play.upload("WriteVideo")
        taken = 0
        while len(self.data) < len(DATA) and taken != chunks:
            chunk = rpc.take_request()
            assert chunk.offset == len(self.data)
            assert chunk.crc32c == google_crc32c.value(chunk.data)
            self.data += chunk.data
            taken += 1
        if chunks is None:
            rpc.terminate(self._video(), *termination("OK", ()))
        else:
            rpc.terminate(None, *termination(status, details))

    def _video(self) -> Video:
        state = VideoState.VIDEO_STATE_READY if len(self.data) == len(DATA) else VideoState.VIDEO_STATE_UPLOADING
        return Video(id="v", state=state, committed_bytes=len(self.data), size_bytes=len(DATA))


def test_the_file_arrives_and_its_checksum_was_announced(play: Play, file: Path):
    heard: list[Progress] = []
    found = play.start(lambda client: client.upload(file, progress=heard.append))
    server = Server(play)
    server.create()
    server.take()
    assert found.result().state == VideoState.VIDEO_STATE_READY
    assert bytes(server.data) == DATA
    (request,) = server.created
    assert (request.sha256, request.filename) == (hashlib.sha256(DATA).hexdigest(), "clip.mp4")
    assert heard[0] == Progress("checking clip.mp4", len(DATA), len(DATA), "bytes")
    assert heard[1] == Progress("uploading clip.mp4", 0, len(DATA), "bytes")
    assert heard[-1] == Progress("uploading clip.mp4", len(DATA), len(DATA), "bytes")


@pytest.mark.parametrize("status", ["UNAVAILABLE", "ABORTED", "OUT_OF_RANGE"])
def test_a_broken_call_goes_on_where_it_stopped(play: Play, file: Path, status: str):
    found = play.start(lambda client: client.upload(file))
    server = Server(play)
    for chunks in (3, 0, None):
        server.create()
        server.take(chunks, status)
    assert found.result().state == VideoState.VIDEO_STATE_READY
    assert bytes(server.data) == DATA
    assert len(play.naps) == 2
    assert len({request.request_id for request in server.created}) == 1


def test_the_same_file_is_the_same_upload_in_another_run(play: Play, file: Path):
    ids = []
    for more in (b"", b"", b"more"):
        file.write_bytes(DATA + more)
        found = play.start(lambda client: client.upload(file))
        video = Video(id="v", state=VideoState.VIDEO_STATE_READY)
        ids.append(play.answer("CreateVideo", video).request_id)
        assert found.result().id == "v"
    assert ids[0] == ids[1] != ids[2]


def test_slow_progress_is_progress(play: Play, file: Path):
    found = play.start(lambda client: client.upload(file))
    server = Server(play)
    for chunks in (*[1] * (MAX_IDLE_ATTEMPTS + 2), None):
        server.create()
        server.take(chunks)
    assert found.result().state == VideoState.VIDEO_STATE_READY
    assert bytes(server.data) == DATA
    assert max(play.naps) <= 0.5


def test_an_upload_is_given_up_when_nothing_arrives(play: Play, file: Path):
    found = play.start(lambda client: client.upload(file))
    server = Server(play)
    for _ in range(MAX_IDLE_ATTEMPTS):
        server.create()
        server.take(0)
    with pytest.raises(ServiceUnavailableError):
        found.result()
    assert len(server.created) == MAX_IDLE_ATTEMPTS
    assert max(play.naps) <= 10


def test_what_trying_again_cannot_help_is_not_tried_again(play: Play, file: Path):
    found = play.start(lambda client: client.upload(file))
    server = Server(play)
    server.create()
    server.take(1, "INVALID_ARGUMENT", ErrorEnvelope(code="UNSUPPORTED_MEDIA", message="no video"))
    with pytest.raises(UnsupportedMediaError):
        found.result()


def test_a_file_object_is_sent_whole_wherever_it_stands_and_left_open(play: Play, file: Path):
    stream = io.BytesIO(DATA)
    stream.seek(77)
    found = play.start(lambda client: client.upload(stream, filename="object.mp4"))
    server = Server(play)
    for chunks in (2, None):
        server.create()
        server.take(chunks)
    assert found.result().state == VideoState.VIDEO_STATE_READY
    assert bytes(server.data) == DATA
    assert server.created[0].filename == "object.mp4"
    assert not stream.closed


def test_an_error_of_the_callers_own_code_ends_the_upload(play: Play, file: Path):
    def give_up(progress: Progress) -> None:
        if progress.task.startswith("uploading") and progress.done:
            raise ValueError("enough")

    found = play.start(lambda client: client.upload(file, progress=give_up))
    server = Server(play)
    server.create()
    rpc = play.upload("WriteVideo")
    rpc.take_request()
    rpc.requests_closed()
    rpc.terminate(Video(id="v", committed_bytes=CHUNK), *termination("OK", ()))
    with pytest.raises(ValueError, match="enough"):
        found.result()


def test_what_is_no_file_is_refused_before_any_call(play: Play, tmp_path: Path):
    (tmp_path / "empty.mp4").touch()
    for path, words in [("nowhere.mp4", "No such file"), ("empty.mp4", "is empty"), (".", "is not a file")]:
        with pytest.raises(InvalidRequestError, match=words):
            play.client.upload(tmp_path / path)
    with pytest.raises(InvalidRequestError, match="binary file that can seek"):
        play.client.upload(io.StringIO("text"))
    with pytest.raises(InvalidRequestError, match="is empty"):
        play.client.upload(io.BytesIO())


def test_a_configuration_is_checked_before_the_upload(play: Play, file: Path):
    wrong = ValidateConfigResponse(valid=False)
    wrong.violations.add(field="config.scene.threshold", code="VALUE_OUT_OF_RANGE", message="too low")
    found = play.start(lambda client: client.submit(file, config={"scene": {"threshold": -1}}))
    request = play.answer("ValidateConfig", wrong)
    assert list(request.pipelines) == ["scene"]
    with pytest.raises(InvalidConfigError) as caught:
        found.result()
    assert caught.value.field == "config.scene.threshold"


def test_a_job_is_submitted_for_what_was_uploaded(play: Play, file: Path):
    found = play.start(lambda client: client.submit(file, "scene, person", outputs="csv", labels={"a": "b"}))
    play.answer("ValidateConfig", ValidateConfigResponse(valid=True))
    play.answer("CreateVideo", Video(id="v", state=VideoState.VIDEO_STATE_READY))
    request = play.answer("SubmitJob", Job(id="j"))
    assert found.result().id == "j"
    assert (request.video_id, list(request.pipelines), list(request.outputs)) == ("v", ["scene", "person"], ["csv"])


@pytest.mark.parametrize("arguments", [{}, {"video": "clip.mp4", "video_id": "v"}])
def test_a_job_is_for_one_video(play: Play, arguments: dict[str, str]):
    with pytest.raises(InvalidRequestError, match="Name either"):
        play.client.submit(pipelines=["scene"], **arguments)
