"""Access tokens; all of it needs a token with admin scope."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli import options
from videoannotator.cli.local_service import local_storage
from videoannotator.cli.session import Session, client_command, local_command
from videoannotator.errors import InvalidRequestError

if TYPE_CHECKING:
    from videoannotator.v1.tokens_pb2 import Token

app = typer.Typer(name="tokens", help="Make and revoke access tokens.", no_args_is_help=True)

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Scope(StrEnum):
    """What a token allows."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@client_command(app, "create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    scope: Annotated[Scope, typer.Option(help="What it allows; each includes those before it.")] = Scope.WRITE,
    owner: Annotated[str, typer.Option(help="Whose videos and jobs it opens. Default: the name.")] = "",
    expires_in: Annotated[
        str | None,
        typer.Option("--expires-in", metavar="30d", help="Hours (h), days (d) or weeks (w). Default: never."),
    ] = None,
) -> None:
    """Make a token and print it. It cannot be shown again."""
    from videoannotator_client.plain import plain

    until = lifetime(expires_in) if expires_in else None
    created = session.client.create_token(name, scope=scope.value, owner=owner, expires_in=until)
    if session.terminal.as_json:
        session.terminal.json(plain(created))
        return
    session.terminal.line(created.secret)
    session.terminal.note(f"token {created.token.id} for {created.token.owner}; it is shown only this once")


@client_command(app, "list")
def list_tokens(session: Session) -> None:
    """List all tokens without their secrets."""
    from rich.markup import escape
    from videoannotator_client.plain import enum_name, plain

    from videoannotator.cli.job_display import local_time
    from videoannotator.v1.tokens_pb2 import TokenScope

    tokens = session.client.tokens()
    if session.terminal.as_json:
        for token in tokens:
            session.terminal.json(plain(token))
        return
    session.terminal.table(
        ["TOKEN", "NAME", "OWNER", "SCOPE", "STATE", "CREATED", "LAST USED"],
        [
            [each.id, escape(each.name), escape(each.owner), enum_name(TokenScope.DESCRIPTOR, each.scope),
             _state(each), local_time(each.created_at), local_time(each.last_used_at)]
            for each in tokens
        ],
    )  # fmt: skip


@client_command(app, "revoke")
def revoke(
    session: Session, tokens: Annotated[list[str], typer.Argument(metavar="TOKEN...", help="Ids of the tokens.")]
) -> None:
    """Make tokens useless at once."""
    for token in tokens:
        session.client.revoke_token(token)
        if session.terminal.as_json:
            session.terminal.json({"id": token, "revoked": True})
        else:
            session.terminal.line(f"token {token}: revoked")


@local_command(app, "recover")
def recover(session: Session, storage_dir: options.StorageDir = None) -> None:
    """Make a token of an administrator in place of one that was lost, and print it. Runs on the service's machine.

    Only the user to whom the storage belongs can do that, also while the service runs. Other tokens stay valid:
    `tokens list` shows them, `tokens revoke` ends one. The audit log tells of it.
    """
    with local_storage(storage_dir) as (_, layout, database):
        from videoannotator.service.upkeep import recover_admin

        token = recover_admin(layout, database)
    if session.terminal.as_json:
        session.terminal.json({"id": token.id, "secret": str(token)})
        return
    session.terminal.line(str(token))
    session.terminal.note(f"token {token.id} with admin scope; it is shown only this once")


def lifetime(text: str) -> timedelta:
    """Return the time that a text like ``30d`` stands for.

    Raises:
        InvalidRequestError: If it stands for none.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if match is None:
        raise InvalidRequestError(
            f"{text!r} is not a time.", field="--expires-in", hint="A number and a unit: 12h, 30d or 8w."
        )
    return int(match[1]) * _UNITS[match[2]]


def _state(token: Token) -> str:
    if token.HasField("revoked_at"):
        return "[red]revoked[/]"
    if token.HasField("expires_at"):
        from videoannotator.cli.job_display import local_time

        expired = token.expires_at.ToDatetime(tzinfo=UTC) < datetime.now(UTC)
        return "[red]expired[/]" if expired else f"until {local_time(token.expires_at)}"
    return "[green]active[/]"
