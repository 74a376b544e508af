"""What is printed, and where."""

from __future__ import annotations

import json

import pytest

from videoannotator.cli.display import LineDisplay, open_display, work_in_words
from videoannotator.cli.failure import Failure
from videoannotator.cli.schema_words import in_words, value_in_words
from videoannotator.cli.terminal import Terminal
from videoannotator.errors import Violation

UNIT = {"type": "number", "minimum": 0.0, "maximum": 1.0}
FAILURE = Failure(
    "INVALID_CONFIG",
    "2 problems [sic] were found",
    "INVALID_ARGUMENT",
    "do this",
    None,
    (
        Violation(
            "config.a", "VALUE_OUT_OF_RANGE", "too high", {"type": "number", "minimum": 0.0, "maximum": 1.0}, 0.2
        ),
        Violation("outputs[0]", "INVALID_VALUE", "no such format", ["coco", "csv"], "coco"),
    ),
    {"violations_omitted": 3.0},
)


def test_an_error_is_told_whole_on_stderr(capsys):
    Terminal().fail(FAILURE)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "INVALID_CONFIG: 2 problems [sic] were found",
        "  config.a: too high VALUE_OUT_OF_RANGE",
        "    allowed: number, from 0 to 1",
        "    example: 0.2",
        "  outputs[0]: no such format INVALID_VALUE",
        "    allowed: coco, csv",
        "    example: coco",
        "  and 3 more",
        "  hint: do this",
    ]


def test_with_json_an_error_is_one_line_on_stdout(capsys):
    Terminal(as_json=True).fail(FAILURE)
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["error"]["code"] == "INVALID_CONFIG"


def test_a_long_line_is_never_wrapped_in_a_pipe(capsys):
    Terminal().line("[x] " + "y" * 500)
    assert capsys.readouterr().out == "[x] " + "y" * 500 + "\n"


def test_lines_are_said_once_and_progress_by_tenths(capsys):
    display = LineDisplay(Terminal())
    display.headline("running")
    display.headline("running")
    display.progress("scene", "pending", 0.0, "0 frames")
    for done in range(0, 101, 5):
        display.progress("scene", "running", done / 100, f"{done}/100 frames")
    assert [line.split(" (")[0] for line in capsys.readouterr().err.splitlines()] == [
        "running",
        *(f"scene: running, {tenth}0%".replace("00%", "0%", tenth == 0) for tenth in range(11)),
    ]


def test_with_json_progress_is_silent(capsys):
    with open_display(Terminal(as_json=True)) as display:
        display.headline("running")
        display.log("warning", "something")
    assert capsys.readouterr() == ("", "")


def test_work_in_words():
    assert work_in_words(3, 0, 10) == "3/10 frames"
    assert work_in_words(3, 2, None) == "3 frames, 2 failed"
    assert work_in_words(3, 0, 10, "seconds") == "3/10 s of sound"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number", "minimum": 0, "maximum": 1.0}, "number, from 0 to 1"),
        ({"type": ["number", "null"], "minimum": 2}, "number or null, at least 2"),
        ({"type": "integer", "maximum": 9}, "integer, at most 9"),
        ({"type": "number", "exclusiveMinimum": 0}, "number, above 0"),
        ({"enum": ["hash", "fade"]}, "hash | fade"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "array", "minItems": 2, "maxItems": 100.0}, "array, 2 to 100 entries"),
        ({"type": "string", "maxLength": 50}, "string, at most 50 characters"),
        ({"type": ["string", "null"], "minLength": 2}, "string or null, at least 2 characters"),
        ({}, "value"),
    ],
)
def test_a_schema_in_words(schema, words):
    assert in_words(schema) == words


@pytest.mark.parametrize(
    ("value", "words"), [(None, "null"), (True, "true"), (27.0, "27"), (0.25, "0.25"), ([1.0, "a"], "1, a"), ("a", "a")]
)
def test_a_value_in_words(value, words):
    assert value_in_words(value) == words
