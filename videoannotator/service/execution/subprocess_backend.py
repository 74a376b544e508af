"""Runs each attempt in a worker process of its own process group on this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping

import psutil
from pydantic import BaseModel

from videoannotator.service.storage_layout import Layout
from videoannotator.worker.protocol import (
    FROM_WORKER,
    AttemptEnded,
    AttemptEvent,
    AttemptFailed,
    AttemptKey,
    AttemptStopped,
    CancelAttempt,
    RunAttempt,
    WorkerConfig,
    WorkerLost,
    encode,
)

TERMINATE_AFTER = 1.0
"""Seconds that a worker has to stop by itself before SIGTERM."""
KILL_AFTER = 3.0
"""Seconds after which a worker that does not stop gets SIGKILL."""
_MAX_JOBS_PER_WORKER = 50
_MAX_LINE = 64 * 2**20
_LEAK_FACTOR = 0.5

logger = logging.getLogger(__name__)


class _Worker:
    """A worker process and the socket to it."""

    def __init__(self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.process = process
        self._reader = reader
        self._writer = writer
        self.jobs = 0
        self.idle_since = time.monotonic()

    @classmethod
    async def spawn(cls, config: WorkerConfig, layout: Layout, environment: Mapping[str, str]) -> _Worker:
        ours, theirs = socket.socketpair()
        with (layout.logs / "worker.log").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "videoannotator.worker", str(theirs.fileno()), config.model_dump_json()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={**environment, "TMPDIR": str(layout.temp)},
            )
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=_MAX_LINE)
        return cls(process, reader, writer)

    @property
    def is_alive(self) -> bool:
        return self.process.returncode is None

    async def send(self, message: BaseModel) -> None:
        self._writer.write(encode(message))
        await self._writer.drain()

    async def receive(self) -> AttemptEvent:
        """Return the next event; WorkerLost, once the process is gone, when there will be none."""
        try:
            line = await self._reader.readline()
        except (ConnectionError, ValueError):
            line = b""
        if line.endswith(b"\n"):
            return FROM_WORKER.validate_json(line)
        await self.kill()
        return WorkerLost(reason=_exit_reason(self.process.returncode))

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group, if it is still there."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.process.wait()
        self._writer.close()

    def resident_bytes(self) -> int:
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0


class SubprocessBackend:
    """Keeps workers warm between attempts; one that was cancelled, failed oddly or grew too large is not used again."""

    def __init__(
        self,
        config: WorkerConfig,
        layout: Layout,
        environment: Mapping[str, str],
        idle_timeout: float,
        max_idle: int,
    ) -> None:
        """``environment``: what workers get; ``idle_timeout``: in seconds; ``max_idle``: most workers kept warm."""
        self._config = config
        self._environment = environment
        self._layout = layout
        self._memory = config.memory_limit or psutil.virtual_memory().total
        self._idle_timeout = idle_timeout
        self._max_idle = max_idle
        self._idle: list[_Worker] = []
        self._busy: dict[AttemptKey, _Worker] = {}
        self._escalations: dict[AttemptKey, asyncio.Task[None]] = {}

    async def launch(self, attempt: RunAttempt) -> None:
        """Start an attempt in a warm worker, or in a new one."""
        worker = await self._take_idle() or await _Worker.spawn(self._config, self._layout, self._environment)
        worker.jobs += 1
        self._busy[attempt.key] = worker
        try:
            await worker.send(attempt)
        except ConnectionError:
            logger.warning("Worker %s was gone when attempt %s should start.", worker.process.pid, attempt.key)

    async def request_cancel(self, key: AttemptKey) -> None:
        """Ask the worker to stop; SIGTERM follows after 1 s, SIGKILL to its process group after 3 s."""
        worker = self._busy.get(key)
        if worker is not None and key not in self._escalations:
            self._escalations[key] = asyncio.create_task(self._escalate(worker))

    async def kill(self, key: AttemptKey) -> None:
        """Kill the attempt's process group and wait until it is gone."""
        worker = self._busy.pop(key, None)
        if escalation := self._escalations.pop(key, None):
            escalation.cancel()  # its signals could reach another process with the same id
        if worker is not None:
            await worker.kill()

    async def events(self, key: AttemptKey) -> AsyncIterator[AttemptEvent]:
        """Yield the attempt's events; after the last one its worker is idle or gone."""
        worker = self._busy[key]
        while True:
            event = await worker.receive()
            ending = isinstance(event, AttemptEnded | AttemptFailed | AttemptStopped | WorkerLost)
            if ending:
                await self._release(key, worker, event)
            yield event
            if ending:
                return

    def idle_workers(self) -> int:
        """Return how many workers are kept warm."""
        return len(self._idle)

    async def retire_idle(self) -> None:
        """Stop the workers that had nothing to do for a while."""
        horizon = time.monotonic() - self._idle_timeout
        stale = [worker for worker in self._idle if worker.idle_since < horizon or not worker.is_alive]
        self._idle = [worker for worker in self._idle if worker not in stale]
        await asyncio.gather(*(worker.kill() for worker in stale))

    async def close(self) -> None:
        """Kill every worker."""
        workers = [*self._idle, *self._busy.values()]
        self._idle, self._busy = [], {}
        await asyncio.gather(*(worker.kill() for worker in workers))

    async def _take_idle(self) -> _Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.kill()
        return None

    async def _release(self, key: AttemptKey, worker: _Worker, ending: AttemptEvent) -> None:
        self._busy.pop(key, None)
        escalation = self._escalations.pop(key, None)
        if escalation is not None:
            escalation.cancel()
        if escalation is None and self._is_reusable(worker, ending):
            worker.idle_since = time.monotonic()
            self._idle.append(worker)
        else:
            await worker.kill()

    def _is_reusable(self, worker: _Worker, ending: AttemptEvent) -> bool:
        return (
            isinstance(ending, AttemptEnded)
            and all(run.status == "completed" for run in ending.outcome.runs)
            and worker.is_alive
            and worker.jobs < _MAX_JOBS_PER_WORKER
            and len(self._idle) < self._max_idle
            and worker.resident_bytes() < _LEAK_FACTOR * self._memory
        )

    async def _escalate(self, worker: _Worker) -> None:
        try:
            await worker.send(CancelAttempt())
        except ConnectionError:
            logger.info("Worker %s was gone before it could be told to stop.", worker.process.pid)
        await asyncio.sleep(TERMINATE_AFTER)
        worker.signal(signal.SIGTERM)
        await asyncio.sleep(KILL_AFTER - TERMINATE_AFTER)
        worker.signal(signal.SIGKILL)


def _exit_reason(returncode: int | None) -> str:
    if returncode is None or returncode >= 0:
        return f"the worker process ended with exit code {returncode}"
    name = signal.Signals(-returncode).name
    likely = ", perhaps by the kernel because memory ran out" if name == "SIGKILL" else ""
    return f"the worker process was killed by {name}{likely}"
