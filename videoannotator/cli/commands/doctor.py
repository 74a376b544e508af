"""Finding out what is wrong with an installation, and which versions are in play."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from videoannotator import __version__
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, client_command
from videoannotator.errors import VideoAnnotatorError


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    client_command(app, "doctor")(doctor)
    client_command(app, "version")(version)


def doctor(
    session: Session,
    local: Annotated[bool, typer.Option("--local", help="Look at this installation only, not at a server.")] = False,
    storage_dir: Annotated[
        Path | None, typer.Option(help="Directory whose disk is looked at. Default: that of the settings.")
    ] = None,
) -> ExitCode:
    """Check this installation, its models, the disk, the server and the token; say what to do about each problem."""
    from rich.markup import escape

    from videoannotator.cli.checkup import Grade, installation_checks, server_checks

    styles = {Grade.OK: "green", Grade.WARN: "yellow", Grade.FAIL: "red"}
    checks = installation_checks(storage_dir)
    if not local:
        checks += server_checks(session.client)
    if session.terminal.as_json:
        for check in checks:
            session.terminal.json(check.as_dict())
    else:
        session.terminal.table(
            ["", "CHECK", "FOUND", "WHAT TO DO"],
            [
                [f"[{styles[each.grade]}]{each.grade}[/]", *map(escape, (each.name, each.found, each.remedy))]
                for each in checks
            ],
        )
    return ExitCode.FAILED if any(each.grade is Grade.FAIL for each in checks) else ExitCode.OK


def version(session: Session) -> None:
    """Print the version of this program and, if it answers, of the server."""
    server: str | None = None
    client = session.client
    with suppress(VideoAnnotatorError):  # a server that does not run is not an error here
        server = client.server_info(timeout=2).version
    if session.terminal.as_json:
        session.terminal.json({"version": __version__, "server": server})
    else:
        session.terminal.line(f"videoannotator {__version__}")
        if server is not None:
            session.terminal.line(f"server at {session.settings.target}: {server}")
