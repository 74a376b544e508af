"""Looking after the storage of a service, on its own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli import options
from videoannotator.cli.local_service import local_storage
from videoannotator.cli.session import Session, local_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from videoannotator.service.leftovers import Leftover

app = typer.Typer(
    name="storage", help="Look after the storage of a service. Runs on the service's machine.", no_args_is_help=True
)


@local_command(app, "cleanup")
def cleanup(
    session: Session,
    apply: Annotated[bool, typer.Option("--apply", help="Remove what is listed. Without it nothing changes.")] = False,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=36_500,
            help="Go by a rule of so many days for every job that has none of its own. [default: the settings]",
        ),
    ] = None,
    storage_dir: options.StorageDir = None,
) -> None:
    """List what may go: jobs that were kept long enough, videos without a job, files and rows without each other.

    May run beside the service; jobs that have not ended are never touched. Rows of results whose files are gone are
    listed, too, but stay until their job is deleted.
    """
    from rich.filesize import decimal

    with local_storage(storage_dir) as (settings, layout, database):
        from videoannotator.service.upkeep import Policy, Upkeep

        rule = dict.fromkeys(("completed", "failed", "cancelled"), days) if days else settings.retention
        upkeep = Upkeep(database, layout, Policy(rule, settings.delete_unused_videos, settings.upload_expiry))
        found = upkeep.find()
        if found and not session.terminal.as_json:
            _print(session, found)
        removed = [each for each in found if apply and upkeep.remove(each)]
    for each in found:
        if session.terminal.as_json:
            session.terminal.json({**_plain(each), "removed": each in removed})
    size = decimal(sum(each.size_bytes for each in (removed if apply else found)))
    if apply:
        session.terminal.note(f"{len(removed)} of {len(found)} removed: {size}")
    elif found:
        session.terminal.note(f"{len(found)} found: {size}. Nothing was removed; --apply does that.")
    else:
        session.terminal.note("nothing to remove")


def _print(session: Session, found: Sequence[Leftover]) -> None:
    from datetime import UTC, datetime

    from rich.filesize import decimal
    from rich.markup import escape

    session.terminal.table(
        ["WHAT", "ID", "OWNER", "NAME", "SINCE", "SIZE"],
        [
            [each.kind, each.id, escape(each.owner), escape(each.name),
             datetime.fromtimestamp(each.since, UTC).astimezone().strftime("%Y-%m-%d %H:%M"), decimal(each.size_bytes)]
            for each in found
        ],
    )  # fmt: skip


def _plain(each: Leftover) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(each)
