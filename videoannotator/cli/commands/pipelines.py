"""What can be done with a video, and whether a configuration is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from videoannotator_client.names import names_in

from videoannotator.cli import options
from videoannotator.cli.configuration import chosen_pipelines, load_configuration
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, client_command

if TYPE_CHECKING:
    from videoannotator.cli.catalogue import Catalogue

_Local = Annotated[bool, typer.Option("--local", help="Ask this installation instead of a server.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    client_command(app, "pipelines")(pipelines)
    client_command(app, "validate")(validate)


def pipelines(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="A pipeline or an alias, to see all its options.")] = None,
    local: _Local = False,
) -> None:
    """List the pipelines, or show the options of one."""
    from videoannotator.cli.catalogue import print_pipeline, print_pipelines

    catalogue = _catalogue(session, local)
    if name is not None:
        pipeline = catalogue.get(name)
        if session.terminal.as_json:
            session.terminal.json(pipeline)
        else:
            print_pipeline(session.terminal, pipeline)
        return
    found = catalogue.all()
    if session.terminal.as_json:
        for pipeline in found:
            session.terminal.json(pipeline)
    else:
        print_pipelines(session.terminal, found)


def validate(
    session: Session,
    names: options.Pipelines = None,
    config: options.Config = None,
    settings: options.Settings = None,
    outputs: options.Outputs = None,
    local: _Local = False,
) -> ExitCode:
    """Check a configuration; print everything that is wrong, or what it means with all defaults."""
    from videoannotator.cli.failure import Failure

    configuration = load_configuration(config, settings or [])
    chosen = chosen_pipelines(names or [], configuration)
    result = _catalogue(session, local).validate(chosen, configuration, names_in(outputs or []))
    answer: dict[str, Any] = {
        "valid": result.valid,
        "violations": [each.as_dict() for each in result.violations],
        "warnings": list(result.warnings),
        "normalized": result.normalized,
    }
    if session.terminal.as_json:
        session.terminal.json(answer)
    elif result.violations:
        session.terminal.fail(Failure.of(result.rejection()))
    else:
        for warning in result.warnings:
            session.terminal.warn(warning)
        session.terminal.out.print_json(data=result.normalized)
    return ExitCode.INVALID if result.violations else ExitCode.OK


def _catalogue(session: Session, local: bool) -> Catalogue:
    from videoannotator.cli.catalogue import LocalCatalogue, ServerCatalogue

    return LocalCatalogue() if local else ServerCatalogue(session.client)
