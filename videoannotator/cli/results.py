"""Fetching the results of a job into a directory."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from rich.filesize import decimal
from rich.markup import escape
from videoannotator_client.plain import plain

from videoannotator.cli.session import Session
from videoannotator.cli.transfer import transfer_bar
from videoannotator.v1.types_pb2 import Artifact


def fetch_results(session: Session, job_id: str, directory: Path) -> None:
    """Download every artifact of a job and say where it is."""
    terminal, client = session.terminal, session.client
    artifacts = client.artifacts(job_id)
    if not artifacts:
        terminal.note(f"job {job_id} has no results", style="yellow")
    with closing(transfer_bar(terminal)) as bar:
        paths = [client.download(each, directory, progress=bar) for each in artifacts]
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
