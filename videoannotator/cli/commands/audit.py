"""Checking the pipelines of this installation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, local_command


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    local_command(app, "audit")(audit)


def audit(
    session: Session,
    models_dir: Annotated[
        Path | None, typer.Option(help="Directory of models. [env: VIDEOANNOTATOR_MODELS_DIR]", show_default=False)
    ] = None,
) -> ExitCode:
    """Check every registered pipeline: names, options, packages, weights, and whether a worker can import it.

    Prints one line for each problem and exits with 1 if there is one.
    """
    from videoannotator.models.store import ModelStore
    from videoannotator.pipelines import audit as pipelines
    from videoannotator.settings import load_settings

    findings = pipelines.audit(ModelStore(models_dir or load_settings().models_dir))
    for each in findings:
        if session.terminal.as_json:
            session.terminal.json(asdict(each))
        else:
            session.terminal.line(f"{each.pipeline or 'registry'}: {each.problem} {each.hint}".rstrip())
    if not findings and not session.terminal.as_json:
        session.terminal.note("Every pipeline is in order.")
    return ExitCode.FAILED if findings else ExitCode.OK
