"""A worker ends with whatever it cannot understand, instead of pretending to be alive."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from videoannotator.worker.protocol import WorkerConfig


def start_worker(connection: socket.socket) -> subprocess.Popen[bytes]:
    config = WorkerConfig(
        memory_limit=2**34, max_duration=3600, max_pixels=2**24, heartbeat_interval=0.05, models_dir=Path(os.devnull)
    )
    return subprocess.Popen(
        [sys.executable, "-m", "videoannotator.worker", str(connection.fileno()), config.model_dump_json()],
        pass_fds=[connection.fileno()],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )


def test_a_message_that_it_does_not_know_ends_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, start_worker(theirs) as worker:
        ours.sendall(b'{"type": "from the future"}\n')
        assert worker.wait(30) == -signal.SIGKILL


def test_it_lets_its_server_go_first_also_where_processors_are_shared_out_between_sessions() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, start_worker(theirs) as worker:
        assert ours.recv(100).startswith(b'{"type":"heartbeat"}')
        niceness = os.getpriority(os.PRIO_PROCESS, worker.pid)
        group = Path(f"/proc/{worker.pid}/autogroup")
        group_niceness = group.read_text().split()[-1] if group.exists() else "10"
        worker.kill()
    assert niceness == min(19, os.nice(0) + 10)
    assert group_niceness == "10"


def test_the_end_of_its_server_ends_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, start_worker(theirs) as worker:
        assert ours.recv(100).startswith(b'{"type":"heartbeat"}')
        theirs.close()
        ours.close()
        assert worker.wait(30) == -signal.SIGKILL
