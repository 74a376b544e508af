"""docs/cli.md says what the code says."""

from __future__ import annotations

from pathlib import Path

from videoannotator_client.settings import VARIABLES

from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.main import app

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_every_exit_code_is_documented_in_the_same_words():
    rows = [f"| {code.value} | {code.meaning} |" for code in ExitCode]
    assert [row for row in rows if row not in PAGE.replace("`", "")] == []


def test_every_command_is_documented():
    names = [command.name for command in app.registered_commands] + [
        group.typer_instance.info.name for group in app.registered_groups
    ]
    assert [name for name in names if f"| `{name}" not in PAGE] == []


def test_every_setting_of_the_client_is_documented():
    assert [name for name in VARIABLES.values() if f"`{name}`" not in PAGE] == []
