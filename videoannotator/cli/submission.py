"""From a video on this disk to a job: validated first, uploaded second."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from videoannotator.cli.session import Session
from videoannotator.cli.transfer import transfer_bar


class JobArguments(TypedDict):
    """The arguments of `Client.submit` that a command line names."""

    pipelines: list[str]
    config: Mapping[str, Any]
    outputs: list[str]
    labels: Mapping[str, str]
    priority: int
    max_attempts: int | None
    retention_days: int | None


def require_valid(session: Session, arguments: JobArguments) -> None:
    """Stop before anything is uploaded if the server would not accept the job.

    Raises:
        InvalidConfigError: With every violation.
    """
    result = session.client.validate(
        arguments["config"], pipelines=arguments["pipelines"], outputs=arguments["outputs"]
    )
    result.require()
    for warning in result.warnings:
        session.terminal.warn(warning)


def send(session: Session, file: Path) -> str:
    """Upload ``file`` under a progress bar and return the id of its video."""
    try:
        with closing(transfer_bar(session.terminal)) as bar:
            video = session.client.upload(file, progress=bar)
    except KeyboardInterrupt:
        session.terminal.note("upload interrupted; the same command goes on where it stopped", style="yellow")
        raise
    session.terminal.note(f"{file.name} is on the server as video {video.id}")
    return video.id
