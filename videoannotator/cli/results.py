"""Fetching the results of a job into a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.filesize import decimal
from rich.markup import escape
from videoannotator_client.plain import plain

from videoannotator.cli.connection import Connection
from videoannotator.cli.display import TransferBar
from videoannotator.cli.download import download
from videoannotator.cli.terminal import Terminal
from videoannotator.v1.artifacts_pb2 import ListArtifactsRequest
from videoannotator.v1.types_pb2 import Artifact


def fetch_results(connection: Connection, terminal: Terminal, job_id: str, directory: Path) -> None:
    """Download every artifact of a job and say where it is."""
    artifacts = list(connection.artifacts.ListArtifacts(ListArtifactsRequest(job_id=job_id)).artifacts)
    if not artifacts:
        terminal.note(f"job {job_id} has no results", style="yellow")
    with TransferBar(terminal) as bar:
        paths = [
            download(connection, each, directory, lambda done: bar.update(each.name, done, each.size_bytes))  # noqa: B023
            for each in artifacts
        ]
    if terminal.as_json:
        for artifact, path in zip(artifacts, paths, strict=True):
            terminal.json(_as_dict(artifact, path))
        return
    if artifacts:
        terminal.table(
            ["FILE", "FORMAT", "PIPELINE", "SIZE"],
            [
                [escape(str(path)), each.format, each.pipeline or "-", decimal(each.size_bytes)]
                for each, path in zip(artifacts, paths, strict=True)
            ],
        )


def _as_dict(artifact: Artifact, path: Path) -> dict[str, Any]:
    return {**plain(artifact), "path": str(path)}
