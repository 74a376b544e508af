"""Clients that vanish without a word: what they were attached to is cancelled, and nobody else notices."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.service import Service, eventually
from videoannotator.v1 import types_pb2

SLOW = '{"person_tracking": {"frames_per_second": 25}}'
ATTACHED = """
import sys
import grpc
from google.protobuf import json_format, struct_pb2
from videoannotator.v1 import jobs_pb2, jobs_pb2_grpc

address, token, video, config = sys.argv[1:]
stub = jobs_pb2_grpc.JobServiceStub(grpc.insecure_channel(address))
config = json_format.Parse(config, struct_pb2.Struct())
request = jobs_pb2.SubmitJobRequest(video_id=video, pipelines=["person"], config=config)
for event in stub.RunJob(request, metadata=(("authorization", f"Bearer {token}"),)):
    print(event.job_id, flush=True)
"""


@contextmanager
def attached_run(
    service: Service, video_id: str, address: str | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A client process that holds RunJob, and the id of its job, which runs."""
    arguments = (address or service.address, service.token, video_id, SLOW)
    process = subprocess.Popen([sys.executable, "-c", ATTACHED, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        job_id = process.stdout.readline().strip()
        service.client().wait_until(job_id, types_pb2.JOB_STATUS_RUNNING)
        yield process, job_id
    finally:
        process.kill()
        process.communicate()


def assert_cancelled(service: Service, job_id: str, within: float) -> None:
    ended = service.client().wait(job_id, timeout=within)
    assert ended.status == types_pb2.JOB_STATUS_CANCELLED
    assert ended.cancel_reason == "the attached client went away"
    assert service.worker_pids() == []


def test_a_killed_client_takes_its_job_with_it(service: Service, long_video: Path) -> None:
    video = service.client().upload(long_video)
    with attached_run(service, video.id) as (process, job_id):
        process.kill()
        assert_cancelled(service, job_id, within=5)


@pytest.mark.slow
def test_a_client_that_is_stopped_is_given_up_within_thirty_seconds(service: Service, long_video: Path) -> None:
    video = service.client().upload(long_video)
    with attached_run(service, video.id) as (process, job_id):
        os.kill(process.pid, signal.SIGSTOP)
        assert_cancelled(service, job_id, within=30)


class Relay:
    """A connection to the service that can be cut the hard way, or go silent in both directions."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._silent = threading.Event()
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        server = socket.create_connection(self._target)
        self._ends = [client, server]
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self._silent.is_set():
                    sink.sendall(data)
        except OSError:
            return

    def fall_silent(self) -> None:
        """Lose every byte from now on, as a pulled cable does; neither side is told."""
        self._silent.set()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        server = self._ends[1]
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        server.shutdown(socket.SHUT_RD)
        server.close()

    def close(self) -> None:
        for end in (self._listener, *self._ends):
            end.close()


@pytest.fixture
def relay(service: Service) -> Iterator[Relay]:
    relay = Relay(service.address)
    yield relay
    relay.close()


def test_a_reset_connection_cancels_what_was_attached_to_it(service: Service, relay: Relay, long_video: Path) -> None:
    video = service.client().upload(long_video)
    with attached_run(service, video.id, relay.address) as (_, job_id):
        relay.reset()
        assert_cancelled(service, job_id, within=5)


@pytest.mark.slow
def test_a_connection_that_falls_silent_is_given_up_within_thirty_seconds(
    service: Service, relay: Relay, long_video: Path
) -> None:
    video = service.client().upload(long_video)
    with attached_run(service, video.id, relay.address) as (_, job_id):
        relay.fall_silent()
        started = time.monotonic()
        assert_cancelled(service, job_id, within=30)
        assert time.monotonic() - started > 5  # it was the silence, not the end, that was noticed


def test_connections_that_say_nothing_keep_nobody_out(service: Service, short_video: Path) -> None:
    host, port = service.address.rsplit(":", 1)
    mute = [socket.create_connection((host, int(port))) for _ in range(300)]
    try:
        client = service.client()
        ended = client.wait(client.submit(client.upload(short_video).id).id)
        assert ended.status == types_pb2.JOB_STATUS_COMPLETED
    finally:
        for connection in mute:
            connection.close()
    eventually(lambda: len(list(Path(f"/proc/{service.process.pid}/fd").iterdir())) < 100)
