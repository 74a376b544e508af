"""Every error of the service that a client can meet is raised as its class, once each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from videoannotator_client import AsyncClient, Client

from tests.support.service import Service
from videoannotator import errors
from videoannotator.v1.types_pb2 import Artifact, Job


@dataclasses.dataclass(frozen=True)
class Scene:
    """What the calls below find."""

    client: Client
    reader: Client
    nobody: Client
    finished: Job
    waiting: Job
    unfinished_video: str
    directory: Path

    @property
    def video(self) -> str:
        return self.finished.video_id


@pytest.fixture(scope="module")
def scene(
    service: Service, short_video: Path, long_video: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("scene")
    (directory / "playlist.mp4").write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    (directory / "cut.mp4").write_bytes(short_video.read_bytes()[:1000])
    from videoannotator.v1.videos_pb2 import CreateVideoRequest

    announced = service.client().videos.CreateVideo(CreateVideoRequest(filename="half.mp4", size_bytes=10))
    with Client(service.address, service.token) as client:
        finished = client.wait(client.submit(short_video, "scene", outputs="csv"))
        waiting = client.submit(long_video, "person", config={"person_tracking": {"frames_per_second": 0}})
        token = client.create_token("reader of errors", scope="read")
        with Client(service.address, token.secret) as reader, Client(service.address, "va_wrong") as nobody:
            yield Scene(client, reader, nobody, finished, waiting, announced.id, directory)
        client.stop(waiting)


def _artifact(sha256: str = "0" * 64, size: int = 10, id_: str = "nothing") -> Artifact:
    return Artifact(id=id_, name="clip.csv", size_bytes=size, sha256=sha256)


def _reused(scene: Scene) -> None:
    for priority in (1, 2):
        job = scene.client.submit(video_id=scene.video, pipelines="scene", priority=priority, request_id="errors-1")
        scene.client.stop(job)


CALLS: list[tuple[type[errors.VideoAnnotatorError], Callable[[Scene], object]]] = [
    (errors.UnauthorizedError, lambda s: s.nobody.jobs()),
    (errors.ForbiddenError, lambda s: s.reader.tokens()),
    (errors.InvalidRequestError, lambda s: s.client.submit(video_id=s.video, pipelines="scene", priority=999)),
    (errors.InvalidConfigError, lambda s: s.client.submit(video_id=s.video, config={"scene": {"threshold": -1}})),
    (errors.PipelineNotFoundError, lambda s: s.client.pipeline("telepathy")),
    (errors.PipelineNotFoundError, lambda s: s.client.submit(s.directory / "cut.mp4", "telepathy")),
    (errors.RequestConflictError, _reused),
    (errors.VideoNotFoundError, lambda s: s.client.video("nothing")),
    (errors.VideoNotReadyError, lambda s: s.client.submit(video_id=s.unfinished_video, pipelines="scene")),
    (errors.VideoInUseError, lambda s: s.client.delete_video(s.waiting.video_id)),
    (errors.UnsupportedMediaError, lambda s: s.client.upload(s.directory / "playlist.mp4")),
    (errors.CorruptMediaError, lambda s: s.client.upload(s.directory / "cut.mp4")),
    (errors.JobNotFoundError, lambda s: s.client.job("nothing")),
    (errors.JobNotFoundError, lambda s: s.client.wait("nothing")),
    (errors.JobNotFoundError, lambda s: s.reader.job(s.finished.id)),
    (errors.JobAlreadyCompletedError, lambda s: s.client.cancel(s.finished)),
    (errors.JobNotFinishedError, lambda s: s.client.delete(s.waiting)),
    (errors.JobNotRetryableError, lambda s: s.client.retry(s.finished)),
    (errors.ArtifactNotFoundError, lambda s: s.client.download(_artifact(), s.directory)),
    (errors.TokenNotFoundError, lambda s: s.client.revoke_token("nothing")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "call"), CALLS, ids=[f"{n}-{kind.code}" for n, (kind, _) in enumerate(CALLS)])
def test_an_error_is_raised_as_its_class(scene: Scene, kind: type[errors.VideoAnnotatorError], call):
    with pytest.raises(kind) as caught:
        call(scene)
    error = caught.value
    assert type(error) is kind
    assert error.message
    assert error.hint


def test_a_changed_artifact_is_never_passed_off(scene: Scene, tmp_path: Path):
    real = next(each for each in scene.client.artifacts(scene.finished) if each.format == "csv")
    forged = _artifact("0" * 64, real.size_bytes, real.id)
    with pytest.raises(errors.ArtifactCorruptError):
        scene.client.download(forged, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_named():
    with (
        Client("127.0.0.1:1", patience=0) as client,
        pytest.raises(errors.ServiceUnavailableError, match=r"127\.0\.0\.1:1"),
    ):
        client.jobs()


async def test_awaited_errors_are_the_same(scene: Scene, service: Service):
    async with AsyncClient(service.address, service.token) as client:
        with pytest.raises(errors.JobNotFoundError):
            await client.job("nothing")
        with pytest.raises(errors.JobNotFoundError):
            async for _ in client.watch("nothing"):
                pass
        with pytest.raises(errors.UnsupportedMediaError):
            await client.upload(scene.directory / "playlist.mp4")
    async with AsyncClient("127.0.0.1:1", patience=0) as client:
        with pytest.raises(errors.ServiceUnavailableError):
            await client.jobs()
