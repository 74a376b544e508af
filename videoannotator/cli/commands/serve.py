"""Running the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from videoannotator.cli.local_service import incomplete
from videoannotator.cli.session import Session, local_command


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    local_command(app, "serve")(serve)


def serve(
    session: Session,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 picks one. [default: 50051]")] = None,
    rest: Annotated[
        bool | None, typer.Option("--rest/--no-rest", help="Serve REST and gRPC-Web through Envoy. [default: rest]")
    ] = None,
    rest_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of Envoy; 0 picks one. [default: 18011]")
    ] = None,
    storage_dir: Annotated[
        Path | None, typer.Option(help="Directory of uploads, results and the database. [default: ./storage]")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM certificate chain of the server.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM private key of the server.")] = None,
) -> int:
    """Run the service until SIGTERM or Ctrl-C. Other settings come from the environment: docs/configuration.md."""
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "rest": rest,
        "rest_port": rest_port,
        "storage_dir": storage_dir,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
    }
    try:
        from videoannotator_server.serve import serve as run_server
    except ModuleNotFoundError as error:
        raise incomplete(error) from error
    return run_server({name: value for name, value in given.items() if value is not None})
