"""RTTM (NIST Rich Transcription Time Marked): who speaks when, as tools for diarization read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from videoannotator.annotations import SpeakerTurn
from videoannotator.formats.text_utils import one_word, whole_milliseconds
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result


def write(result: Result, path: Path) -> None:
    """Write a line of ten fields for each turn; times in seconds. The video is named without space in it."""
    video = one_word(result.video)
    with text_file(path) as file:
        for turn in cast("Sequence[SpeakerTurn]", result.records):
            start, end = whole_milliseconds(turn.start, turn.end)
            times = f"{start / 1000:.3f} {(end - start) / 1000:.3f}"
            file.write(f"SPEAKER {video} 1 {times} <NA> <NA> {one_word(turn.speaker)} <NA> <NA>\n")
