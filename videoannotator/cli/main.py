"""The `videoannotator` command: one Typer app, put together from the modules in `commands`."""

from __future__ import annotations

import typer

from videoannotator.cli.commands import (
    annotate,
    audit,
    doctor,
    export,
    jobs,
    models,
    pipelines,
    render,
    serve,
    storage,
    tokens,
    videos,
    work,
)
from videoannotator.cli.exit_codes import ExitCode

_EPILOG = "\n\n".join(
    [
        "[bold]Server and token[/]: an option wins over the environment (VIDEOANNOTATOR_SERVER, VIDEOANNOTATOR_TOKEN, "
        "VIDEOANNOTATOR_TLS_CA), which wins over the file ~/.config/videoannotator/config.toml "
        '(server = "...", token = "...", tls_ca = "..."; VIDEOANNOTATOR_CONFIG names another file).',
        "[bold]Exit codes[/]: " + "; ".join(f"{code.value} {code.meaning}" for code in ExitCode) + ".",
    ]
)

app = typer.Typer(
    name="videoannotator",
    help="Annotate videos of people: who is where, in what pose, and where scenes change.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

work.register(app)
annotate.register(app)
export.register(app)
render.register(app)
pipelines.register(app)
app.add_typer(jobs.app)
app.add_typer(videos.app)
app.add_typer(tokens.app)
app.add_typer(models.app)
app.add_typer(storage.app)
serve.register(app)
doctor.register(app)
audit.register(app)


def main() -> None:
    """Run the command line."""
    app(prog_name="videoannotator")


if __name__ == "__main__":
    main()
