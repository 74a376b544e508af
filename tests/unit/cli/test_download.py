"""Results are verified, resumed, and never written where a server likes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest

from videoannotator.cli.download import download
from videoannotator.errors import ArtifactCorruptError, InvalidRequestError
from videoannotator.v1.artifacts_pb2 import FileChunk
from videoannotator.v1.types_pb2 import Artifact

DATA = b"0123456789" * 10


class Server:
    """Sends DATA in pieces of 7 bytes; each entry of ``breaks`` ends a call after so many pieces."""

    def __init__(self, error=None, breaks=(), data=DATA) -> None:
        self.error, self.breaks, self.data = error, list(breaks), data
        self.offsets = []

    def DownloadArtifact(self, request):
        self.offsets.append(request.offset)
        pieces = self.breaks.pop(0) if self.breaks else None
        for number, offset in enumerate(range(request.offset, len(self.data), 7)):
            if number == pieces:
                raise self.error
            yield FileChunk(offset=offset, data=self.data[offset : offset + 7])


def artifact(name: str = "clip.csv") -> Artifact:
    return Artifact(id="a", name=name, size_bytes=len(DATA), sha256=hashlib.sha256(DATA).hexdigest())


def fetch(server: Server, directory: Path, name: str = "clip.csv") -> Path:
    return download(SimpleNamespace(artifacts=server), artifact(name), directory, lambda _: None)


def test_a_file_is_fetched_and_nothing_else_is_left(tmp_path: Path):
    assert fetch(Server(), tmp_path / "new").read_bytes() == DATA
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["clip.csv"]


def test_a_broken_download_goes_on_at_the_offset(tmp_path: Path, call_error, naps):
    server = Server(call_error(grpc.StatusCode.UNAVAILABLE), [3, 2])
    assert fetch(server, tmp_path).read_bytes() == DATA
    assert server.offsets == [0, 21, 35]


def test_the_next_run_goes_on_where_the_last_one_was_stopped(tmp_path: Path, call_error):
    with pytest.raises(grpc.RpcError):
        fetch(Server(call_error(grpc.StatusCode.UNAUTHENTICATED), [4]), tmp_path)
    assert not (tmp_path / "clip.csv").exists()
    assert fetch(server := Server(), tmp_path).read_bytes() == DATA
    assert server.offsets == [28]


def test_a_file_that_is_right_is_left_alone_and_one_that_is_wrong_is_replaced(tmp_path: Path):
    target = tmp_path / "clip.csv"
    target.write_bytes(DATA)
    fetch(server := Server(), tmp_path)
    assert server.offsets == []
    target.write_bytes(b"x" * len(DATA))
    assert fetch(server, tmp_path).read_bytes() == DATA


def test_a_damaged_partial_file_is_fetched_again(tmp_path: Path):
    (tmp_path / f".clip.csv.{artifact().sha256[:12]}.partial").write_bytes(b"wrong")
    assert fetch(server := Server(), tmp_path).read_bytes() == DATA
    assert server.offsets == [5, 0]


def test_wrong_bytes_are_never_passed_off_as_the_result(tmp_path: Path):
    with pytest.raises(ArtifactCorruptError):
        fetch(Server(data=b"x" * len(DATA)), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", ".", "", "a\\b", "a\0b"])
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, name):
    with pytest.raises(InvalidRequestError):
        fetch(Server(), tmp_path, name)
