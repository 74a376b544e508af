"""Bars, where they are drawn and where not."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from videoannotator_client.progress import Progress, RichBar, TqdmBar, reporter

from videoannotator.errors import ConfigurationError

HALF = Progress("uploading [x].mp4", 2**20, 2**21, "bytes")
FRAMES = Progress("scene", 5, 10, "frames")


def test_rich_draws_a_line_for_each_task_in_a_terminal():
    screen = io.StringIO()
    bar = RichBar(Console(file=screen, force_terminal=True, width=120))
    bar(HALF)
    bar(FRAMES)
    bar.close()
    drawn = screen.getvalue()
    assert "uploading [x].mp4" in drawn
    assert "1.0/2.0 MiB" in drawn
    assert "5/10 frames" in drawn


def test_rich_draws_nothing_in_a_pipe():
    screen = io.StringIO()
    bar = RichBar(Console(file=screen))
    bar(HALF)
    bar.close()
    assert screen.getvalue().strip() == ""


def test_tqdm_draws_a_bar_for_each_task(capsys):
    with reporter("tqdm") as report:
        report(HALF)
        report(FRAMES)
    drawn = capsys.readouterr().err
    assert "1.05M/2.10M" in drawn
    assert "5/10" in drawn


def test_a_bar_of_tqdm_takes_the_unit_that_its_task_has_by_now(capsys):
    with reporter("tqdm") as report:
        report(Progress("scene", 0, 100, "%"))
        report(FRAMES)
    assert "frames/s]" in capsys.readouterr().err


def test_tqdm_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ConfigurationError, match="The module tqdm is not installed"):
        TqdmBar()


def test_a_function_gets_what_a_bar_would():
    heard: list[Progress] = []
    with reporter(heard.append) as report:
        report(HALF)
    assert heard == [HALF]


def test_nothing_is_shown_unless_asked_for(capsys):
    for option in (False, True):
        with reporter(option) as report:
            report(HALF)
    assert capsys.readouterr().err.strip() == ""


def test_a_notebook_gets_the_bar_of_tqdm(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    with reporter(True) as report:
        assert isinstance(report, TqdmBar)
