"""The models of this installation: what is there, whether it is whole, and fetching what is not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.session import Session, local_command

if TYPE_CHECKING:
    from videoannotator.models.inventory import ModelStatus
    from videoannotator.models.store import ModelStore

app = typer.Typer(name="models", help="List, verify and download models.", no_args_is_help=True)

_Names = Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="Ids as `models list` shows them.")]
_ModelsDir = Annotated[
    Path | None, typer.Option(help="Directory of models. [env: VIDEOANNOTATOR_MODELS_DIR]", show_default=False)
]
_STYLES = {"ready": "green", "missing": "dim", "corrupt": "red"}


@local_command(app, "list")
def list_models(session: Session, models_dir: _ModelsDir = None) -> None:
    """List every model: what it is for, its licence, and whether it is here."""
    from videoannotator.models.inventory import model_statuses

    _print(session, model_statuses(_store(models_dir)))


@local_command(app, "verify")
def verify(session: Session, names: _Names = None, models_dir: _ModelsDir = None) -> ExitCode:
    """Check models against their checksums: all that should be here, or those that are named.

    Exits with 1 if one is corrupt, or missing and not optional.
    """
    from videoannotator.models.inventory import State, model_statuses

    found = list(model_statuses(_store(models_dir), names))
    if not names:
        found = [each for each in found if each.state is not State.MISSING or each.grave]
    _print(session, found)
    for each in found:
        if each.problem is not None and not session.terminal.as_json:
            session.terminal.note(f"{each.problem.message} {each.problem.hint or ''}", style="")
    wrong = any(each.grave or (names and each.state is not State.READY) for each in found)
    return ExitCode.FAILED if wrong else ExitCode.OK


@local_command(app, "pull")
def pull_models(
    session: Session,
    names: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Ids as `models list` shows them.")],
    models_dir: _ModelsDir = None,
) -> None:
    """Download models from their hub into the directory of models, and take their checksums down.

    The one command that calls another machine. A service never downloads models by itself.
    """
    from rich.filesize import decimal

    from videoannotator.models.inventory import State, model_statuses
    from videoannotator.models.pull import pull

    store = _store(models_dir)
    for each in list(model_statuses(store, names)):
        if each.state is State.READY:
            session.terminal.note(f"{each.entry.id} is here already: {each.place}")
        else:
            session.terminal.note(f"{each.entry.id}: downloading about {decimal(each.entry.size_bytes)} ...")
            session.terminal.line(f"{each.entry.id}: {pull(each.entry, store.models_dir)}")


def _store(models_dir: Path | None) -> ModelStore:
    from videoannotator.models.store import ModelStore
    from videoannotator.settings import load_settings

    return ModelStore(models_dir or load_settings().models_dir)


def _print(session: Session, found: Iterable[ModelStatus]) -> None:
    from rich.filesize import decimal
    from rich.markup import escape

    if session.terminal.as_json:
        for each in found:
            session.terminal.json(
                {
                    **each.entry.model_dump(mode="json"),
                    "state": each.state,
                    "place": each.place and str(each.place),
                    "problem": each.problem and each.problem.message,
                }
            )
        return
    session.terminal.table(
        ["MODEL", "STATE", "FOR", "SIZE", "LICENCE", "WHERE"],
        [
            [
                each.entry.id,
                f"[{_STYLES[each.state]}]{each.state}[/]",
                each.entry.task,
                decimal(each.entry.size_bytes),
                each.entry.licence,
                escape(str(each.place) if each.place else each.entry.remedy),
            ]
            for each in found
        ],
    )
