"""How commands end, and what they refuse before they call anybody."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from videoannotator.cli.commands.tokens import lifetime
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.cli.main import app
from videoannotator.cli.session import Session, execute, local_command
from videoannotator.errors import InvalidRequestError, JobCancelledError, QuotaExceededError

QUIET = {"as_json": False, "debug": False}


def invoke(*arguments: str):
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequestError("no"), ExitCode.INVALID),
        (QuotaExceededError("no"), ExitCode.REFUSED),
        (JobCancelledError("no"), ExitCode.CANCELLED),
        (KeyboardInterrupt(), ExitCode.CANCELLED),
        (RuntimeError("oops"), ExitCode.BUG),
    ],
)
def test_every_error_has_its_exit_code_and_no_traceback(capsys, error, code):
    def work():
        raise error

    assert execute(Session(QUIET), work) is code
    assert "Traceback" not in capsys.readouterr().err


def test_debug_shows_the_traceback(capsys):
    def work():
        raise RuntimeError("oops")

    execute(Session({"as_json": False, "debug": True}), work)
    assert "Traceback" in capsys.readouterr().err


def test_a_command_returns_its_code_and_gets_its_options():
    own = typer.Typer()

    def hello(session: Session, name: str) -> ExitCode:
        session.terminal.json({"hello": name, "json": session.terminal.as_json})
        return ExitCode.FAILED

    local_command(own, "hello")(hello)
    result = CliRunner().invoke(own, ["you", "--json"])
    assert result.exit_code == ExitCode.FAILED
    assert json.loads(result.stdout) == {"hello": "you", "json": True}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["submit"], "Name either videos or --video-id"),
        (["submit", "clip.mp4", "--video-id", "v", "-p", "scene"], "Name either videos or --video-id"),
        (["run", "-p", "scene"], "Name either a video or --video-id"),
        (["submit", "clip.mp4"], "No pipeline was named"),
        (["submit", "clip.mp4", "-p", "scene", "--label", "x"], "KEY=VALUE"),
        (["jobs", "list", "--status", "lost"], "'lost' is not a known status"),
        (["tokens", "create", "x", "--expires-in", "soon"], "'soon' is not a time"),
        (["validate", "-c", "nowhere.json"], "nowhere.json cannot be read"),
        (["annotate", "nowhere.mp4", "-o", "x", "-p", "scene"], "nowhere.mp4 is not a file"),
        (["validate", "--local", "-p", "sceen"], "Did you mean 'scene_detection'?"),
        (["jobs", "list", "--limit", "0"], "--limit"),
        (["annotate", "clip.mp4", "-p", "scene"], "--output"),
    ],
)
def test_bad_input_is_refused_with_code_2(arguments, words):
    result = invoke(*arguments)
    assert result.exit_code == ExitCode.INVALID
    assert words in result.stderr


def test_help_has_the_exit_codes_and_the_order_of_settings():
    text = " ".join(invoke("--help").stdout.split())
    for code in ExitCode:
        assert f"{code.value} {code.meaning.split()[0]}" in text
    assert "an option wins over the environment" in text


def test_a_local_pipeline_is_shown_with_every_option():
    from videoannotator.pipelines.registry import Registry

    for spec in Registry.load():
        shown = json.loads(invoke("pipelines", spec.name, "--local", "--json").stdout)
        assert list(shown["config_schema"]["properties"]) == list(spec.config_model.model_fields)


def test_a_lifetime_has_a_number_and_a_unit():
    assert lifetime("2w") == 14 * lifetime("1d") == 14 * 24 * lifetime("1h")
    for text in ("0d", "-1d", "1", "d", "1y", "1d1h", "999999d"):
        with pytest.raises(InvalidRequestError):
            lifetime(text)
