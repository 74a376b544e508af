"""The real service in a process of its own, and a client for it."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from grpc_status import rpc_status

from videoannotator.v1 import (
    artifacts_pb2_grpc,
    errors_pb2,
    jobs_pb2,
    jobs_pb2_grpc,
    pipelines_pb2_grpc,
    system_pb2_grpc,
    tokens_pb2_grpc,
    types_pb2,
    videos_pb2,
    videos_pb2_grpc,
)

CHUNK = 256 * 1024
_SERVING = re.compile(r"serving gRPC on (\S+):(\d+)")
_SERVING_REST = re.compile(r"serving REST on (\S+)")
_TOKEN = re.compile(r"admin token \(shown only now\): (\S+)")
_FOR_TESTS = {
    "VIDEOANNOTATOR_MIN_FREE_BYTES": "0",
    "VIDEOANNOTATOR_AUDIT_AT_START": "false",
    "VIDEOANNOTATOR_REST": "false",  # few tests need an Envoy
    "VIDEOANNOTATOR_REST_PORT": "0",
}
TERMINAL = {types_pb2.JOB_STATUS_COMPLETED, types_pb2.JOB_STATUS_FAILED, types_pb2.JOB_STATUS_CANCELLED}


class Client:
    """Stubs of every service with one token, and the few calls that tests make again and again."""

    def __init__(self, address: str, token: str | None) -> None:
        self.token = token
        self.channel = grpc.insecure_channel(address)
        channel = grpc.intercept_channel(self.channel, _Bearer(token)) if token else self.channel
        self.videos = videos_pb2_grpc.VideoServiceStub(channel)
        self.jobs = jobs_pb2_grpc.JobServiceStub(channel)
        self.artifacts = artifacts_pb2_grpc.ArtifactServiceStub(channel)
        self.pipelines = pipelines_pb2_grpc.PipelineServiceStub(channel)
        self.system = system_pb2_grpc.SystemServiceStub(channel)
        self.tokens = tokens_pb2_grpc.TokenServiceStub(channel)

    def upload(self, path: Path, **announcement: Any) -> types_pb2.Video:
        """Upload a file whole."""
        data = path.read_bytes()
        request = videos_pb2.CreateVideoRequest(filename=path.name, size_bytes=len(data), **announcement)
        video = self.videos.CreateVideo(request)
        return self.videos.WriteVideo(chunks(video.id, data, video.committed_bytes))

    def submit(self, video_id: str, *pipelines: str, **fields: Any) -> types_pb2.Job:
        """Queue a job."""
        if "config" in fields:
            fields["config"] = json_format.ParseDict(fields["config"], struct_pb2.Struct())
        return self.jobs.SubmitJob(
            jobs_pb2.SubmitJobRequest(video_id=video_id, pipelines=pipelines or ("scene_detection",), **fields)
        )

    def job(self, job_id: str) -> types_pb2.Job:
        """Return a job."""
        return self.jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job_id))

    def wait(self, job_id: str, timeout: float = 60.0) -> types_pb2.Job:
        """Watch a job to its end and return it."""
        for event in self.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job_id), timeout=timeout):
            if event.HasField("terminal"):
                return event.terminal.job
        raise AssertionError(f"the watch of job {job_id} ended without a terminal event")

    def wait_until(self, job_id: str, status: int, timeout: float = 30.0) -> types_pb2.Job:
        """Return a job once it is in ``status``."""
        return eventually(lambda: (found := self.job(job_id)).status == status and found, timeout)

    def close(self) -> None:
        self.channel.close()


class _Bearer(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
):
    def __init__(self, token: str) -> None:
        self._metadata = (("authorization", f"Bearer {token}"),)

    def _call(self, continuation: Any, details: Any, request: Any) -> Any:
        call = _Details(details.method, details.timeout, self._metadata, details.credentials)
        return continuation(call, request)

    intercept_unary_unary = intercept_unary_stream = intercept_stream_unary = _call


@dataclass(frozen=True)
class _Details(grpc.ClientCallDetails):
    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: bool | None = None
    compression: Any = None


class Service:
    """A server process on a storage directory; it can be stopped, killed and started again."""

    def __init__(self, storage: Path, **environment: str) -> None:
        self.storage = storage
        self.environment = environment
        self.token = ""
        self.address = ""
        self.url = ""
        self.output: list[str] = []
        self._collector: threading.Thread | None = None
        self._clients: list[Client] = []

    def start(self, **environment: str) -> Service:
        """Start and wait until the port is served."""
        command = (sys.executable, "-c", "import sys; from videoannotator.cli.main import main; sys.exit(main())")
        self._forget_output()
        self.process = subprocess.Popen(
            [*command, "serve", "--port", "0", "--storage-dir", str(self.storage)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **_FOR_TESTS, **self.environment, **environment},
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if match := _TOKEN.search(line):
                self.token = match[1]
            if match := _SERVING_REST.search(line):
                self.url = match[1]
            if match := _SERVING.search(line):
                self.address = f"{match[1]}:{match[2]}"
                break
        else:
            self.process.stdout.close()
            raise AssertionError("the service did not start:\n" + "".join(self.output))
        self._collector = threading.Thread(target=self._collect, args=(self.process.stdout,), daemon=True)
        self._collector.start()
        return self

    def _collect(self, lines: Iterator[str]) -> None:
        self.output.extend(lines)

    def _forget_output(self) -> None:
        if self._collector is not None:
            self._collector.join()
            self._collector = None
            assert self.process.stdout is not None
            self.process.stdout.close()

    def client(self, token: str | None = None) -> Client:
        """Return a client with ``token``: the administrator's unless given, none if empty."""
        client = Client(self.address, self.token if token is None else token)
        self._clients.append(client)
        return client

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self._forget_output()

    def stop(self, timeout: float = 30.0) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self._forget_output()
        return code

    def close(self) -> None:
        """Leave nothing behind."""
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.kill()
        self._forget_output()

    def worker_pids(self) -> list[int]:
        """Return the ids of the worker processes of this server."""
        import psutil

        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if "videoannotator.worker" in child.cmdline()]


@contextmanager
def running(storage: Path, **environment: str) -> Iterator[Service]:
    """Yield a started service."""
    service = Service(storage, **environment).start()
    try:
        yield service
    finally:
        service.close()


def chunks(video_id: str, data: bytes, start: int = 0, size: int = CHUNK) -> Iterator[videos_pb2.WriteVideoRequest]:
    """Yield the requests that send ``data`` from ``start``; one empty request when nothing is left to send."""
    for offset in range(start, max(len(data), start + 1), size):
        yield videos_pb2.WriteVideoRequest(video_id=video_id, offset=offset, data=data[offset : offset + size])


def eventually(probe: Any, timeout: float = 10.0) -> Any:
    """Return the first true answer of ``probe``."""
    deadline = time.monotonic() + timeout
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"still not true after {timeout} s"
        time.sleep(0.02)
    return answer


def envelope(error: grpc.RpcError) -> errors_pb2.ErrorEnvelope:
    """Return the envelope that every error must carry."""
    status = rpc_status.from_call(error)
    assert status is not None, f"no details in {error}"
    found = errors_pb2.ErrorEnvelope()
    assert status.details[0].Unpack(found)
    assert found.code
    assert found.message
    assert found.hint
    assert found.HasField("timestamp")
    return found


def sha256(data: bytes) -> str:
    """Return the digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
