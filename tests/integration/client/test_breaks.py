"""Connections that break, and services that die, are only pauses."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from videoannotator_client import AsyncClient, Client

from tests.support.brittle import BrittleRelay
from tests.support.history import numbers
from tests.support.service import Service, eventually, running
from videoannotator.v1.jobs_pb2 import JobEvent
from videoannotator.v1.types_pb2 import JobStatus, Video, VideoState

BREAKS = 20
SIZE = 24 * 2**20


@pytest.fixture
def big(tmp_path: Path, short_video: Path, request: pytest.FixtureRequest) -> Path:
    """A video of 24 MiB that no other test sends."""
    content = short_video.read_bytes()
    padding = SIZE - len(content)
    name = hashlib.sha256(request.node.nodeid.encode()).digest()
    path = tmp_path / "brittle.mp4"
    path.write_bytes(content + padding.to_bytes(4, "big") + b"free" + name + bytes(padding - 8 - len(name)))
    return path


def brittle(service: Service, seed: int) -> BrittleRelay:
    """Break twenty connections at random places, the first of them before a call is through."""
    chance = random.Random(seed)
    return BrittleRelay(service.address, [100, *(chance.randrange(1, 2 * SIZE // BREAKS) for _ in range(BREAKS - 1))])


def assert_arrived(video: Video, file: Path) -> None:
    assert video.state == VideoState.VIDEO_STATE_READY
    assert video.committed_bytes == SIZE
    assert video.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_upload_broken_at_random_places_arrives_whole(service: Service, big: Path):
    with brittle(service, 1) as relay, Client(relay.address, service.token) as client:
        assert_arrived(client.upload(big), big)
        assert relay.breaks == BREAKS


async def test_an_awaited_upload_broken_at_random_places_arrives_whole(service: Service, big: Path):
    with brittle(service, 2) as relay:
        async with AsyncClient(relay.address, service.token) as client:
            assert_arrived(await client.upload(big), big)
        assert relay.breaks == BREAKS


def test_results_arrive_whole_over_breaking_connections(
    service: Service, va: Client, short_video: Path, tmp_path: Path
):
    job = va.wait(va.submit(short_video, "scene"))
    size = sum(each.size_bytes for each in va.artifacts(job))
    with BrittleRelay(service.address, [size // 5] * 4) as relay, Client(relay.address, service.token) as client:
        paths = client.download_results(job, tmp_path)
        assert relay.breaks == 4
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths} == {
        each.name: each.sha256 for each in va.artifacts(job)
    }


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that these tests may kill."""
    with running(tmp_path_factory.mktemp("mortal")) as service:
        yield service


@pytest.mark.slow
def test_a_watch_and_a_run_survive_the_death_of_the_service(mortal: Service, long_video: Path):
    slow = {"person_tracking": {"frames_per_second": 1}}
    events: list[JobEvent] = []
    lost = threading.Event()
    with BrittleRelay(mortal.address) as relay, Client(relay.address, mortal.token) as client:

        def die_and_rise() -> None:
            eventually(lambda: any(each.WhichOneof("event") == "progress" for each in events), 60)
            mortal.kill()
            relay.target = mortal.start().address

        death = threading.Thread(target=die_and_rise)
        death.start()
        with client.run(long_video, ["scene", "person"], config=slow, on_lost=lost.set) as run:
            for event in run:
                events.append(event)
        death.join()
        assert lost.is_set()
        assert run.job.status == JobStatus.JOB_STATUS_COMPLETED
        assert run.job.attempt == 2
        assert numbers(events) == list(range(1, len(numbers(events)) + 1))
        watched = list(client.watch(run.job, after=0))
        assert numbers(watched) == numbers(events)
