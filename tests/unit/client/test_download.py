"""Results are verified, resumed, and never written where a server likes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from videoannotator_client import Progress

from tests.support.play import Play, Stream
from videoannotator.errors import ArtifactCorruptError, ConfigurationError, InvalidRequestError, UnauthorizedError
from videoannotator.v1.artifacts_pb2 import FileChunk, ListArtifactsResponse
from videoannotator.v1.types_pb2 import Artifact, Job

DATA = b"0123456789" * 10
PIECE = 7


def artifact(name: str = "clip.csv", data: bytes = DATA, **fields: str) -> Artifact:
    sha256 = hashlib.sha256(data).hexdigest()
    return Artifact(id="a", name=name, size_bytes=len(data), sha256=sha256, **fields)


def serve(play: Play, pieces: int | None = None, status: str = "UNAVAILABLE", data: bytes = DATA) -> int:
    """Answer one download, whole or broken off after so many pieces; return its offset."""
    request, stream = play.stream("DownloadArtifact")
    offsets = range(request.offset, len(data), PIECE)[:pieces]
    stream.send(*(FileChunk(offset=offset, data=data[offset : offset + PIECE]) for offset in offsets))
    _finish(stream, None if pieces is None else status)
    return request.offset


def _finish(stream: Stream, status: str | None) -> None:
    if status is None:
        stream.end()
    else:
        stream.fail(status)


def test_a_file_is_fetched_and_nothing_else_is_left(play: Play, tmp_path: Path):
    heard: list[Progress] = []
    found = play.start(lambda client: client.download(artifact(), tmp_path / "new", progress=heard.append))
    serve(play)
    assert found.result().read_bytes() == DATA
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["clip.csv"]
    assert heard[-1] == Progress("clip.csv", len(DATA), len(DATA), "bytes")


def test_a_broken_download_goes_on_at_the_offset(play: Play, tmp_path: Path):
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    assert [serve(play, 3), serve(play, 2), serve(play)] == [0, 21, 35]
    assert found.result().read_bytes() == DATA


def test_the_next_run_goes_on_where_the_last_one_was_stopped(play: Play, tmp_path: Path):
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    serve(play, 4, "UNAUTHENTICATED")
    with pytest.raises(UnauthorizedError):
        found.result()
    assert not (tmp_path / "clip.csv").exists()
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    assert serve(play) == 28
    assert found.result().read_bytes() == DATA


def test_a_file_that_is_right_is_left_alone_and_one_that_is_wrong_is_replaced(play: Play, tmp_path: Path):
    target = tmp_path / "clip.csv"
    target.write_bytes(DATA)
    assert play.client.download(artifact(), tmp_path) == target
    target.write_bytes(b"x" * len(DATA))
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    serve(play)
    assert found.result().read_bytes() == DATA


def test_a_damaged_partial_file_is_fetched_again(play: Play, tmp_path: Path):
    (tmp_path / f".clip.csv.{artifact().sha256[:12]}.partial").write_bytes(b"wrong")
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    assert [serve(play), serve(play)] == [5, 0]
    assert found.result().read_bytes() == DATA


def test_wrong_bytes_are_never_passed_off_as_the_result(play: Play, tmp_path: Path):
    found = play.start(lambda client: client.download(artifact(), tmp_path))
    for _ in range(2):
        serve(play, data=b"x" * len(DATA))
    with pytest.raises(ArtifactCorruptError):
        found.result()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", ".", "", "a\\b", "a\0b"])
def test_a_name_that_is_a_path_is_refused(play: Play, tmp_path: Path, name: str):
    with pytest.raises(InvalidRequestError):
        play.client.download(artifact(name), tmp_path)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("clip.csv", DATA)
    return stream.getvalue()


def test_an_archive_that_breaks_off_starts_anew(play: Play, tmp_path: Path):
    found = play.start(lambda client: client.download_archive("j", tmp_path / "all.zip", formats="csv"))
    request, stream = play.stream("DownloadArchive")
    assert list(request.formats) == ["csv"]
    stream.send(FileChunk(data=archive()[:20]))
    stream.fail("UNAVAILABLE")
    _, stream = play.stream("DownloadArchive")
    stream.send(FileChunk(data=archive()))
    stream.end()
    assert zipfile.ZipFile(found.result()).namelist() == ["clip.csv"]
    assert [each.name for each in tmp_path.iterdir()] == ["all.zip"]


@pytest.mark.parametrize("data", [archive()[:-10], archive().replace(DATA, b"x" * len(DATA))], ids=["cut", "changed"])
def test_a_damaged_archive_is_not_kept(play: Play, tmp_path: Path, data: bytes):
    found = play.start(lambda client: client.download_archive("j", tmp_path))
    _, stream = play.stream("DownloadArchive")
    stream.send(FileChunk(data=data))
    stream.end()
    with pytest.raises(ArtifactCorruptError, match="damaged"):
        found.result()
    assert list(tmp_path.iterdir()) == []


def test_results_are_tables_by_name(play: Play):
    table = b"start,end\n0.0,1.5\n"
    listed = [
        artifact("clip_scene_detection.csv", table, media_type="text/csv", pipeline="scene_detection"),
        artifact("clip_scene_detection_empty.csv", b"", media_type="text/csv", pipeline="scene_detection"),
        artifact("clip_tracks.csv", table, format="tracks", media_type="text/csv"),
        artifact("clip_preview.png", b"png", format="preview", media_type="image/png"),
    ]
    found = play.start(lambda client: client.results("j"))
    play.answer("GetJob", Job(id="j", video_filename="clip.mp4"))
    play.answer("ListArtifacts", ListArtifactsResponse(artifacts=listed))
    serve(play, data=table)
    serve(play, data=table)
    frames = found.result()
    assert list(frames) == ["scene_detection", "scene_detection_empty", "tracks"]
    assert frames["tracks"]["end"].tolist() == [1.5]
    assert frames["tracks"].attrs["pipeline"] is None
    assert frames["scene_detection_empty"].empty


def test_without_pandas_the_error_names_the_extra(play: Play, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigurationError) as caught:
        play.client.results("j")
    assert "videoannotator[pandas]" in (caught.value.hint or "")
