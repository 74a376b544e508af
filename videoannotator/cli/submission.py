"""From a video on this disk to a job: validated first, uploaded second."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from videoannotator.cli.session import Session
from videoannotator.cli.transfer import transfer_bar


class JobOptions(TypedDict):
    """What should happen with a video, as the client takes it."""

    pipelines: list[str]
    config: Mapping[str, Any]
    outputs: list[str]
    labels: Mapping[str, str]
    priority: int
    max_attempts: int | None


def require_valid(session: Session, options: JobOptions) -> None:
    """Stop before anything is uploaded if the server would not accept the options.

    Raises:
        InvalidConfigError: With every violation.
    """
    verdict = session.client.validate(options["config"], pipelines=options["pipelines"], outputs=options["outputs"])
    verdict.require()
    for warning in verdict.warnings:
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
