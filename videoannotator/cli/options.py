"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from videoannotator.formats.names import DEFAULT_OUTPUTS, OUTPUTS

_WHAT = "What to do"

Pipelines = Annotated[
    list[str] | None,
    typer.Option(
        "--pipelines",
        "-p",
        metavar="NAME,...",
        rich_help_panel=_WHAT,
        help="Pipelines to run. Default: those that the configuration has a section for.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        rich_help_panel=_WHAT,
        help="JSON or TOML file with one section per pipeline.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="PIPELINE.OPTION=VALUE",
        rich_help_panel=_WHAT,
        help="Change one option; wins over the file. Repeatable.",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--outputs",
        metavar="FORMAT,...",
        rich_help_panel=_WHAT,
        help=f"File formats to write, or all: {', '.join(OUTPUTS)}. Default: {', '.join(DEFAULT_OUTPUTS)}.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="KEY=VALUE", rich_help_panel=_WHAT, help="A label of yours. Repeatable."),
]
Priority = Annotated[
    int, typer.Option("--priority", min=-100, max=100, rich_help_panel=_WHAT, help="Higher runs first.")
]
MaxAttempts = Annotated[
    int | None,
    typer.Option(
        "--max-attempts",
        min=1,
        max=10,
        rich_help_panel=_WHAT,
        help="How often pipelines may fail with a passing error.",
    ),
]
RetentionDays = Annotated[
    int | None,
    typer.Option(
        "--retention-days",
        min=0,
        max=36_500,
        rich_help_panel=_WHAT,
        help="Days that the server keeps the job after its end; 0 until someone deletes it. Default: its own rule.",
    ),
]
VideoId = Annotated[
    str | None, typer.Option("--video-id", metavar="ID", help="Annotate a video that is on the server already.")
]
StorageDir = Annotated[
    Path | None, typer.Option(help="Directory of the storage. [env: VIDEOANNOTATOR_STORAGE_DIR]", show_default=False)
]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id of the job.")]
Directory = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="Directory for the results; made if needed.")
]
