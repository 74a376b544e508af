"""Uploads resume after any break, and what is wrong with a file is told with its code and leaves nothing behind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import google_crc32c
import grpc
import pytest

from tests.support.service import Client, Service, chunks, envelope, eventually, sha256
from videoannotator.testing.damage import disguises, truncated
from videoannotator.v1 import types_pb2, videos_pb2


def create(client: Client, data: bytes, name: str = "clip.mp4", **fields: str) -> types_pb2.Video:
    return client.videos.CreateVideo(videos_pb2.CreateVideoRequest(filename=name, size_bytes=len(data), **fields))


def refused(client: Client, requests: Iterator[videos_pb2.WriteVideoRequest]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as error:
        client.videos.WriteVideo(requests)
    return error.value


def get(client: Client, video_id: str) -> types_pb2.Video:
    return client.videos.GetVideo(videos_pb2.GetVideoRequest(video_id=video_id))


def test_an_upload_broken_at_random_twenty_times_ends_with_the_right_bytes(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    dice = random.Random(7)
    video = create(client, data, sha256=sha256(data))
    for _ in range(20):
        start = get(client, video.id).committed_bytes
        stop = dice.randint(start, min(len(data) - 1, start + len(data) // 10))

        def broken(start: int = start, stop: int = stop) -> Iterator[videos_pb2.WriteVideoRequest]:
            yield from chunks(video.id, data[:stop], start, size=4096)
            raise ConnectionError("the client dies here")

        with pytest.raises(grpc.RpcError):
            client.videos.WriteVideo(broken())
    # The last bytes of a call that died may still be on their way to the disk; the refusal tells where to go on.
    finished = eventually(lambda: _finish(client, video.id, data))
    assert finished.state == types_pb2.VIDEO_STATE_READY
    assert finished.sha256 == sha256(data)


def test_what_arrived_before_the_client_vanished_counts(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    partly = client.videos.WriteVideo(chunks(video.id, data[:1000]))
    assert partly.state == types_pb2.VIDEO_STATE_UPLOADING
    assert partly.committed_bytes == get(client, video.id).committed_bytes == 1000
    assert partly.HasField("expires_at")


def test_all_bytes_there_but_unfinished_is_finished_by_an_empty_write(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    client.videos.WriteVideo(chunks(video.id, data[:-1]))
    client.videos.WriteVideo(chunks(video.id, data, len(data) - 1))
    again = client.videos.WriteVideo(chunks(video.id, data, len(data)))
    assert again.state == types_pb2.VIDEO_STATE_READY


def test_a_wrong_offset_tells_the_right_one(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    client.videos.WriteVideo(chunks(video.id, data[:500]))
    error = refused(client, chunks(video.id, data, 700))
    assert error.code() is grpc.StatusCode.OUT_OF_RANGE
    assert envelope(error).detail["committed_bytes"] == 500


def test_a_wrong_crc_is_refused_and_the_upload_goes_on(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    wrong = videos_pb2.WriteVideoRequest(video_id=video.id, data=data, crc32c=google_crc32c.value(data) ^ 1)
    assert envelope(refused(client, iter([wrong]))).code == "CHECKSUM_MISMATCH"
    right = videos_pb2.WriteVideoRequest(video_id=video.id, data=data, crc32c=google_crc32c.value(data))
    assert client.videos.WriteVideo(iter([right])).state == types_pb2.VIDEO_STATE_READY


def test_more_bytes_than_announced_are_refused(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    error = refused(client, iter([videos_pb2.WriteVideoRequest(video_id=video.id, data=data + b"x")]))
    assert envelope(error).code == "UPLOAD_TOO_LARGE"


def test_a_wrong_sha256_discards_the_upload(service: Service, client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data, sha256=sha256(b"another file"))
    assert envelope(refused(client, chunks(video.id, data))).code == "CHECKSUM_MISMATCH"
    assert_gone(service, client, video.id)


def assert_gone(service: Service, client: Client, video_id: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        get(client, video_id)
    assert envelope(error.value).code == "VIDEO_NOT_FOUND"
    assert not (service.storage / "uploads" / video_id).exists()


@pytest.mark.parametrize("kind", sorted(disguises("other.mp4")))
def test_what_is_no_video_is_refused_whatever_its_name(service: Service, client: Client, kind: str) -> None:
    data = disguises("other.mp4")[kind] or b"\0"
    video = create(client, data)
    error = refused(client, chunks(video.id, data))
    assert envelope(error).code in {"UNSUPPORTED_MEDIA", "CORRUPT_MEDIA"}
    assert_gone(service, client, video.id)


def test_a_truncated_video_is_refused_with_what_is_wrong(
    service: Service, client: Client, short_video: Path, tmp_path: Path
) -> None:
    data = truncated(short_video, tmp_path / "cut.mp4", 0.5).read_bytes()
    video = create(client, data)
    assert envelope(refused(client, chunks(video.id, data))).code == "CORRUPT_MEDIA"
    assert_gone(service, client, video.id)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"filename": "a.mp4", "size_bytes": 0}, "size_bytes", "INVALID_REQUEST"),
        ({"filename": "", "size_bytes": 1}, "filename", "INVALID_REQUEST"),
        ({"filename": "x" * 256, "size_bytes": 1}, "filename", "INVALID_REQUEST"),
        ({"filename": "a.mp4", "size_bytes": 1, "sha256": "abc"}, "sha256", "INVALID_REQUEST"),
        ({"filename": "a.mp4", "size_bytes": 1, "request_id": "r" * 129}, "request_id", "INVALID_REQUEST"),
        ({"filename": "a.mp4", "size_bytes": 2**50}, "size_bytes", "UPLOAD_TOO_LARGE"),
    ],
)
def test_a_bad_announcement_is_refused(client: Client, fields: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        client.videos.CreateVideo(videos_pb2.CreateVideoRequest(**fields))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert envelope(error.value).code == code
    assert envelope(error.value).field == field


def test_a_name_like_a_path_is_only_a_label(service: Service, client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data, name="../../etc/passwd\x00.mp4")
    client.videos.WriteVideo(chunks(video.id, data))
    assert sorted(path.name for path in (service.storage / "uploads" / video.id).iterdir()) == ["data"]
    job = client.wait(client.submit(video.id, outputs=["csv"]).id)
    names = [artifact.name for run in job.runs for artifact in run.artifacts]
    assert names
    assert all("/" not in name and "\0" not in name and not name.startswith(".") for name in names)


def test_a_second_writer_takes_over_from_one_that_hangs(client: Client, short_video: Path) -> None:
    data = short_video.read_bytes()
    video = create(client, data)
    hanging = client.videos.WriteVideo.future(_hang_after(chunks(video.id, data[:1000])))
    eventually(lambda: hanging.running())
    finished = eventually(lambda: _finish(client, video.id, data))
    assert finished.sha256 == sha256(data)
    hanging.cancel()


def _hang_after(requests: Iterator[videos_pb2.WriteVideoRequest]) -> Iterator[videos_pb2.WriteVideoRequest]:
    import time

    yield from requests
    time.sleep(1)


def _finish(client: Client, video_id: str, data: bytes) -> types_pb2.Video | None:
    start = get(client, video_id).committed_bytes
    try:
        return client.videos.WriteVideo(chunks(video_id, data, start))
    except grpc.RpcError as error:
        if envelope(error).code not in {"UPLOAD_OFFSET_MISMATCH", "UPLOAD_IN_PROGRESS"}:
            raise
        return None


def test_a_video_is_listed_and_deleted(client: Client, short_video: Path) -> None:
    video = client.upload(short_video)
    listed = client.videos.ListVideos(videos_pb2.ListVideosRequest(page_size=1))
    assert listed.videos[0].id == video.id
    assert listed.next_page_token
    client.videos.DeleteVideo(videos_pb2.DeleteVideoRequest(video_id=video.id))
    with pytest.raises(grpc.RpcError):
        get(client, video.id)
