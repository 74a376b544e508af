"""Making files of further formats from results that are there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from videoannotator_client.names import names_in

from videoannotator.cli.session import Session, client_command
from videoannotator.errors import ConfigurationError
from videoannotator.formats.names import ALL, OUTPUTS, validate_outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from videoannotator.outcome import ArtifactFile

_FORMATS = [name for name in OUTPUTS if name not in ("ndjson", "preview")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    client_command(app, "export")(export)


def export(
    session: Session,
    source: Annotated[
        str,
        typer.Argument(metavar="JOB|DIRECTORY", help="Id of a job on the server, or a directory with results."),
    ],
    formats: Annotated[
        list[str],
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT,...",
            help=f"What to make, or all: {', '.join(_FORMATS)}. Repeatable.",
        ),
    ],
    directory: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Where the files go. Default: DIRECTORY itself; for a job, the current directory.",
        ),
    ] = None,
) -> None:
    """Make files of other formats from results that are there. No model runs again and no video is needed.

    It reads the .ndjson files that every job leaves: those in DIRECTORY, or those of JOB, which it downloads first.

    Examples: `videoannotator export results --format eaf` (ELAN), `videoannotator export JOB -f textgrid,srt -o praat`.
    """
    chosen = names_in(formats)
    outputs = validate_outputs(chosen)
    place = Path(source)
    try:
        if place.is_dir():
            _export(session, place, chosen, outputs, directory or place)
        else:
            from videoannotator.cli.stored_results import fetch_records  # gRPC is slow to load

            with TemporaryDirectory(prefix="videoannotator-") as kept:
                fetch_records(session, source, Path(kept))
                _export(session, Path(kept), chosen, outputs, directory or Path())
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Exporting needs the module {error.name}, which is not installed.",
            hint="Install it: pip install 'videoannotator[formats]', for pictures 'videoannotator[formats,ml]'",
        ) from error


def _export(session: Session, source: Path, chosen: Sequence[str], outputs: Sequence[str], target: Path) -> None:
    from videoannotator.export import reexport

    kept = reexport.stored_in(source)
    if ALL not in chosen:
        reexport.require_possible(kept, outputs)
    _print(session, target, [file for each in kept for file in reexport.export(each, outputs, target)])
    reexport.require_readable(kept)


def _print(session: Session, directory: Path, files: Sequence[ArtifactFile]) -> None:
    from rich.filesize import decimal
    from rich.markup import escape

    terminal = session.terminal
    if terminal.as_json:
        for file in files:
            terminal.json({**file.model_dump(mode="json", exclude={"provenance"}), "path": str(directory / file.name)})
        return
    terminal.table(
        ["FILE", "FORMAT", "SIZE"],
        [[escape(str(directory / file.name)), file.format, decimal(file.size_bytes)] for file in files],
    )
