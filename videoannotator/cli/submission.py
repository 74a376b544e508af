"""From a video on this disk to a request for a job: validated first, uploaded second."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from videoannotator_client.plain import plain

from videoannotator.cli.connection import Connection
from videoannotator.cli.display import TransferBar
from videoannotator.cli.terminal import Terminal
from videoannotator.cli.upload import upload
from videoannotator.errors import InvalidConfigError, InvalidRequestError, PipelineNotFoundError, Violation
from videoannotator.v1.jobs_pb2 import SubmitJobRequest
from videoannotator.v1.pipelines_pb2 import ValidateConfigRequest, ValidateConfigResponse


@dataclass(frozen=True, slots=True)
class Wish:
    """What should happen with a video."""

    pipelines: list[str]
    config: dict[str, Any]
    outputs: list[str]
    labels: dict[str, str]
    priority: int = 0
    max_attempts: int | None = None

    def request(self, video_id: str) -> SubmitJobRequest:
        """Return the request for a job; its id makes sending it twice harmless."""
        return SubmitJobRequest(
            video_id=video_id,
            pipelines=self.pipelines,
            config=as_struct(self.config),
            outputs=self.outputs,
            labels=self.labels,
            priority=self.priority,
            max_attempts=self.max_attempts,
            request_id=uuid.uuid4().hex,
        )


def as_struct(config: dict[str, Any]) -> Struct:
    """Return a configuration as protobuf has it.

    Raises:
        InvalidRequestError: If it holds something that JSON does not have, as TOML's dates.
    """
    try:
        return ParseDict(config, Struct())
    except Exception as error:
        raise InvalidRequestError(
            f"The configuration holds a value that is no JSON: {error}", field="--config"
        ) from error


def validate(connection: Connection, wish: Wish) -> ValidateConfigResponse:
    """Ask the server what it thinks of the wish."""
    return connection.pipelines.ValidateConfig(
        ValidateConfigRequest(config=as_struct(wish.config), pipelines=wish.pipelines, outputs=wish.outputs)
    )


def require_valid(connection: Connection, terminal: Terminal, wish: Wish) -> None:
    """Stop before anything is uploaded if the server would not accept the wish.

    Raises:
        InvalidConfigError: With every violation.
    """
    answer = validate(connection, wish)
    if not answer.valid:
        raise rejection(violations_of(answer))
    for warning in answer.warnings:
        terminal.warn(warning)


def violations_of(answer: ValidateConfigResponse) -> tuple[Violation, ...]:
    """Return the violations in an answer."""
    return tuple(Violation(**plain(violation)) for violation in answer.violations)


def rejection(violations: Sequence[Violation]) -> InvalidConfigError | PipelineNotFoundError:
    """Return the error that a configuration with ``violations`` means."""
    count = len(violations)
    message = "1 problem was found" if count == 1 else f"{count} problems were found"
    if count and all(violation.code == "PIPELINE_NOT_FOUND" for violation in violations):
        return PipelineNotFoundError(message, violations=violations)
    return InvalidConfigError(message, violations=violations)


def send(connection: Connection, terminal: Terminal, file: Path) -> str:
    """Upload ``file`` under a progress bar and return the id of its video."""
    try:
        with TransferBar(terminal) as bar:
            video = upload(connection, file, lambda stage, done, size: bar.update(f"{stage} {file.name}", done, size))
    except KeyboardInterrupt:
        terminal.note("upload interrupted; the same command goes on where it stopped", style="yellow")
        raise
    terminal.note(f"{file.name} is on the server as video {video.id}")
    return video.id
