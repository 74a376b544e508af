"""Captions: WebVTT for browsers (w3.org/TR/webvtt1) and SRT for players and video editors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from videoannotator.annotations import Utterance
from videoannotator.formats.text_utils import one_line, subtitle_time, whole_milliseconds
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result


def write_webvtt(result: Result, path: Path) -> None:
    """Write a cue for each utterance; its identifier is its number and, if known, its speaker: ``1 SPEAKER_00``.

    A voice tag in the text would be the standard's way, but Video Annotation Viewer shows the text as it stands.
    """
    with text_file(path) as file:
        file.write("WEBVTT\n")
        for number, (said, text) in enumerate(_captions(result), start=1):
            start, end = whole_milliseconds(said.start, said.end)
            voice = f" {one_line(said.speaker).replace('-->', '')}" if said.speaker else ""
            file.write(f"\n{number}{voice}\n{subtitle_time(start)} --> {subtitle_time(end)}\n{_escaped(text)}\n")


def write_srt(result: Result, path: Path) -> None:
    """Write a caption for each utterance; its speaker, if known, stands before the text."""
    with text_file(path) as file:
        for number, (said, text) in enumerate(_captions(result), start=1):
            start, end = whole_milliseconds(said.start, said.end)
            voice = f"{one_line(said.speaker)}: " if said.speaker else ""
            file.write(f"{number}\n{subtitle_time(start, ',')} --> {subtitle_time(end, ',')}\n{voice}{text}\n\n")


def _captions(result: Result) -> Iterator[tuple[Utterance, str]]:
    """Yield utterances with their text; a cue without text would end its block too early."""
    for said in cast("Sequence[Utterance]", result.records):
        if text := one_line(said.text):
            yield said, text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
