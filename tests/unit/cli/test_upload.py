"""An upload survives every break, and gives up only when nothing arrives any more."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import google_crc32c
import grpc
import pytest

from videoannotator.cli import upload as module
from videoannotator.cli.upload import MAX_IDLE_ATTEMPTS, upload
from videoannotator.errors import InvalidRequestError
from videoannotator.v1.types_pb2 import Video, VideoState

DATA = bytes(range(256)) * 40
CHUNK = 1000


class Server:
    """Keeps what it is sent, and breaks calls as a test asks: after so many chunks, with that error."""

    def __init__(self, breaks=()) -> None:
        self.breaks = list(breaks)
        self.data = bytearray()
        self.requests = []
        self.writes = 0
        self.size = 0

    def CreateVideo(self, request):
        self.requests.append(request)
        self.size = request.size_bytes
        return self.video()

    def GetVideo(self, request):
        return self.video()

    def WriteVideo(self, chunks):
        self.writes += 1
        allowed, error = self.breaks.pop(0) if self.breaks else (None, None)
        for number, chunk in enumerate(chunks):
            if number == allowed:
                break
            assert chunk.offset == len(self.data)
            assert chunk.crc32c == google_crc32c.value(chunk.data)
            self.data += chunk.data
        if error is not None:
            raise error
        return self.video()

    def video(self):
        ready = self.size == len(self.data)
        state = VideoState.VIDEO_STATE_READY if ready else VideoState.VIDEO_STATE_UPLOADING
        return Video(id="v", state=state, committed_bytes=len(self.data), size_bytes=self.size)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, naps) -> Path:
    monkeypatch.setattr(module, "CHUNK", CHUNK)
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    return path


def send(server: Server, file: Path) -> Video:
    return upload(SimpleNamespace(videos=server), file, lambda *_: None)


def test_the_file_arrives_and_its_checksum_was_announced(file):
    server = Server()
    assert send(server, file).state == VideoState.VIDEO_STATE_READY
    assert bytes(server.data) == DATA
    assert server.requests[0].sha256 == hashlib.sha256(DATA).hexdigest()
    assert server.requests[0].filename == "clip.mp4"


@pytest.mark.parametrize("status", ["UNAVAILABLE", "ABORTED", "OUT_OF_RANGE"])
def test_a_broken_call_goes_on_where_it_stopped(file, call_error, status, naps):
    server = Server([(3, call_error(grpc.StatusCode[status])), (0, call_error(grpc.StatusCode[status]))])
    send(server, file)
    assert bytes(server.data) == DATA
    assert server.writes == 3
    assert len(naps) == 2


def test_the_same_file_is_the_same_upload_in_another_run(file):
    first, second = Server(), Server()
    send(first, file)
    send(second, file)
    assert first.requests[0].request_id == second.requests[0].request_id
    file.write_bytes(DATA + b"more")
    send(third := Server(), file)
    assert third.requests[0].request_id != first.requests[0].request_id


def test_a_file_that_is_there_already_is_not_sent(file):
    server = Server()
    server.data += DATA
    send(server, file)
    assert server.writes == 0


def test_slow_progress_is_progress(file, call_error):
    breaks = [(1, call_error(grpc.StatusCode.UNAVAILABLE)) for _ in range(3 * MAX_IDLE_ATTEMPTS)]
    send(server := Server(breaks[: len(DATA) // CHUNK]), file)
    assert bytes(server.data) == DATA


def test_an_upload_is_given_up_when_nothing_arrives(file, call_error, naps):
    server = Server([(0, call_error(grpc.StatusCode.UNAVAILABLE)) for _ in range(100)])
    with pytest.raises(grpc.RpcError):
        send(server, file)
    assert server.writes == MAX_IDLE_ATTEMPTS
    assert max(naps) <= 10


def test_what_trying_again_cannot_help_is_not_tried_again(file, call_error):
    server = Server([(None, call_error(grpc.StatusCode.INVALID_ARGUMENT))])
    with pytest.raises(grpc.RpcError):
        send(server, file)
    assert server.writes == 1


def test_what_is_no_file_is_refused_before_any_call(tmp_path: Path):
    (tmp_path / "empty.mp4").touch()
    for path, words in [("nowhere.mp4", "No such file"), ("empty.mp4", "is empty"), (".", "is not a file")]:
        with pytest.raises(InvalidRequestError, match=words):
            send(Server(), tmp_path / path)
