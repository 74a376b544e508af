"""How a command starts and ends: the options that all have, the client, and what happens with an error."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer
from videoannotator_client.settings import ClientSettings, resolve

from videoannotator.cli.exit_codes import ExitCode, exit_code_of
from videoannotator.cli.failure import Failure
from videoannotator.cli.terminal import Terminal
from videoannotator.errors import ConfigurationError, VideoAnnotatorError

if TYPE_CHECKING:
    from videoannotator_client import Client

Parameters = ParamSpec("Parameters")

_SERVER = "Server"
_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one value per line, for programs.")]
_DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
_ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="HOST:PORT",
        rich_help_panel=_SERVER,
        help="Address; grpcs://HOST:PORT uses TLS. [env: VIDEOANNOTATOR_SERVER] [default: 127.0.0.1:50051]",
    ),
]
_TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token", metavar="va_...", rich_help_panel=_SERVER, help="Access token. [env: VIDEOANNOTATOR_TOKEN]"
    ),
]
_TlsCaOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        rich_help_panel=_SERVER,
        help="PEM certificates to trust; turns TLS on. [env: VIDEOANNOTATOR_TLS_CA]",
    ),
]
_LOCAL_OPTIONS = {"as_json": _JsonOption, "debug": _DebugOption}
_CLIENT_OPTIONS = {"server": _ServerOption, "token": _TokenOption, "tls_ca": _TlsCaOption, **_LOCAL_OPTIONS}
_DEFAULTS: dict[str, Any] = {"as_json": False, "debug": False}


class Session:
    """One run of a command."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.debug = bool(options["debug"])
        self.terminal = Terminal(bool(options["as_json"]))
        self._options = {
            name: None if options.get(name) is None else str(options[name]) for name in ("server", "token", "tls_ca")
        }

    @cached_property
    def settings(self) -> ClientSettings:
        """Which server to call."""
        return resolve(self._options)

    @cached_property
    def client(self) -> Client:
        """The client, made when it is first wanted: gRPC is slow to load. It never waits for a server to come back."""
        # gRPC's own lines about lost connections would run through the progress display.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from videoannotator_client import Client, Connection
        from videoannotator_client.retries import RetryConfig

        if self.settings.exposes_token:
            self.terminal.warn(f"the token travels readable to {self.settings.target}; use grpcs:// or --tls-ca")
        return Client.over(Connection(self.settings, RetryConfig(patience=0.0), agent="videoannotator-cli"))

    def close(self) -> None:
        """End the connection if there is one."""
        if "client" in self.__dict__:
            self.client.close()


Command = Callable[Concatenate[Session, Parameters], int | None]


def client_command(app: typer.Typer, name: str) -> Callable[[Command[Parameters]], Command[Parameters]]:
    """Register a command that calls a server."""
    return _registrar(app, name, _CLIENT_OPTIONS)


def local_command(app: typer.Typer, name: str) -> Callable[[Command[Parameters]], Command[Parameters]]:
    """Register a command that needs no server."""
    return _registrar(app, name, _LOCAL_OPTIONS)


def _registrar(
    app: typer.Typer, name: str, options: Mapping[str, Any]
) -> Callable[[Command[Parameters]], Command[Parameters]]:
    def register(command: Command[Parameters]) -> Command[Parameters]:
        @wraps(command)
        def run(*args: Any, **kwargs: Any) -> None:
            session = Session({name: kwargs.pop(name, None) for name in options})
            code = execute(session, lambda: command(session, *args, **kwargs))
            if code:
                raise typer.Exit(code)

        signature = inspect.signature(command, eval_str=True)
        own = list(signature.parameters.values())[1:]
        common = [
            inspect.Parameter(
                each, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS.get(each), annotation=options[each]
            )
            for each in options
        ]
        run.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
        app.command(name)(run)
        return command

    return register


def execute(session: Session, work: Callable[[], int | None]) -> int:
    """Do ``work``, print the error it ends with, if any, and return the exit code."""
    try:
        return work() or ExitCode.OK
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except ConfigurationError as error:
        _report(session, Failure.of(error), error)
        return ExitCode.INVALID
    except VideoAnnotatorError as error:
        return _report(session, Failure.of(error), error)
    except Exception as error:  # noqa: BLE001 - the last line before the user, who should not see a traceback
        bug = Failure(
            "INTERNAL_ERROR",
            f"{type(error).__name__}: {error}",
            "INTERNAL",
            hint="This is a bug of the command line. Run the command again with --debug and report what it prints.",
        )
        _report(session, bug, error)
        return ExitCode.BUG
    finally:
        session.close()


def _report(session: Session, failure: Failure, error: Exception) -> ExitCode:
    if session.debug:
        session.terminal.err.print_exception()
    session.terminal.fail(failure)
    return exit_code_of(failure.status)
