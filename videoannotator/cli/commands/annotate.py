"""Annotating a video in this process, without a server."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from videoannotator_client.names import names_in

from videoannotator.cli import options
from videoannotator.cli.configuration import chosen_pipelines, load_configuration
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, local_command
from videoannotator.errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    from videoannotator.outcome import Outcome


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    local_command(app, "annotate")(annotate)


def annotate(
    session: Session,
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Video to annotate.")],
    directory: options.Directory,
    pipelines: options.Pipelines = None,
    config: options.Config = None,
    settings: options.Settings = None,
    outputs: options.Outputs = None,
) -> ExitCode:
    """Annotate a video here and now, without a server. Ctrl-C cancels and leaves no half results."""
    configuration = load_configuration(config, settings or [])
    chosen = chosen_pipelines(pipelines or [], configuration)
    if not video.is_file():
        raise InvalidRequestError(f"{video} is not a file.", field="VIDEO", hint="Name a video file.")
    try:
        outcome = _annotate(session, video, directory, chosen, configuration, names_in(outputs or []))
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Annotating needs the module {error.name}, which is not installed.",
            hint="Install it: pip install 'videoannotator[ml]'",
        ) from error
    _print_outcome(session, directory, outcome)
    failed = any(run.status == "failed" for run in outcome.runs)
    return ExitCode.FAILED if failed else ExitCode.OK


def _annotate(
    session: Session, video: Path, directory: Path, pipelines: list[str], config: dict[str, Any], outputs: list[str]
) -> Outcome:
    from videoannotator.checksums import sha256_of
    from videoannotator.cli.display import open_display
    from videoannotator.cli.engine_view import EngineView
    from videoannotator.engine import AnnotationRequest, Engine
    from videoannotator.formats.names import validate_outputs
    from videoannotator.media.limits import MediaLimits
    from videoannotator.models.sessions import Sessions
    from videoannotator.models.store import ModelStore
    from videoannotator.pipelines.availability import Availability
    from videoannotator.pipelines.registry import Registry
    from videoannotator.pipelines.validation import validate_config
    from videoannotator.settings import load_settings

    service = load_settings()
    models = ModelStore(service.models_dir)
    registry = Registry.load()
    formats = validate_outputs(outputs)
    valid = validate_config(registry, pipelines, config)
    Availability(models).require(registry, valid)
    for warning in valid.warnings:
        session.terminal.warn(warning)
    request = AnnotationRequest(
        video=video,
        pipelines=valid.pipelines,
        config=valid.config,
        outputs=formats,
        directory=directory,
        prefix=f"{video.stem}_",
        input_sha256=sha256_of(video),
    )
    with _cancelled_by_interrupt() as cancelled, open_display(session.terminal) as display:
        units = {name: registry.get(name).unit for name in valid.pipelines}
        view = EngineView(session.terminal, display, video.name, units)
        limits = MediaLimits(max_duration=service.max_video_duration, max_pixels=service.max_video_pixels)
        return Engine(registry, Sessions(models), limits).annotate(request, view, cancelled)


@contextmanager
def _cancelled_by_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets, for the engine to stop cleanly; the second one ends the program."""
    cancelled = threading.Event()

    def interrupt(*_: object) -> None:
        cancelled.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield cancelled
    finally:
        signal.signal(signal.SIGINT, before)


def _print_outcome(session: Session, directory: Path, outcome: Outcome) -> None:
    from rich.filesize import decimal
    from rich.markup import escape

    from videoannotator.cli.display import work_in_words
    from videoannotator.cli.engine_view import failure_of_run

    terminal = session.terminal
    if terminal.as_json:
        terminal.json({**outcome.model_dump(mode="json"), "directory": str(directory)})
        return
    terminal.table(
        ["PIPELINE", "STATUS", "DONE", "ANNOTATIONS", "TOOK"],
        [
            [
                run.pipeline,
                run.status,
                work_in_words(run.units_done, 0, None, run.unit),
                str(run.annotation_count),
                f"{run.seconds:.1f} s",
            ]
            for run in outcome.runs
        ],
    )
    for run in outcome.runs:
        for warning in run.warnings:
            terminal.warn(f"{run.pipeline}: {warning}")
        if run.error is not None:
            terminal.fail(failure_of_run(run.pipeline, run.error))
    terminal.table(
        ["FILE", "FORMAT", "SIZE"],
        [[escape(str(directory / each.name)), each.format, decimal(each.size_bytes)] for each in outcome.artifacts],
    )
