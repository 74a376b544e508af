"""What is said, as a picture: the first utterances with their times and speakers, and how much each speaker speaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import cast

import numpy as np

from videoannotator.annotations import SpeakerTurn, Utterance
from videoannotator.drawing import canvas
from videoannotator.drawing.colours import FAINT, PANEL, Colours
from videoannotator.drawing.header import counted
from videoannotator.drawing.text import fitted, text_width, wrapped, write
from videoannotator.drawing.timeline_chart import display_time
from videoannotator.media.frame import Image
from videoannotator.results.result import Result

_ENTRIES = 24
_LINES = 3
"""Most lines of one utterance."""
_LINE = 21
_SIZE = 15
_PAD = 14
_TIME = 70
_SPEAKER = 118
_GAP = 12


def transcript(width: int, result: Result, colours: Colours) -> Image:
    """Return the first utterances in two columns, ``width`` pixels wide together."""
    said = cast("Sequence[Utterance]", result.records)
    column = (width - _GAP) // 2
    named = any(each.speaker for each in islice(said, _ENTRIES))
    entries = [_entry(column, each, colours, named) for each in islice(said, _ENTRIES)]
    if len(said) > len(entries):
        rest = len(said) - len(entries)
        entries.append(_note(column, f"and {counted(rest, 'more utterance', 'more utterances')}"))
    if not entries:
        return _panel(column, [_note(column, "Nothing was said, or nothing that could be understood.")], 0)
    break_at = _balanced([entry.shape[0] for entry in entries])
    halves = [half for half in (entries[:break_at], entries[break_at:]) if half]
    height = max(sum(entry.shape[0] for entry in half) for half in halves)
    panels = [_panel(column, half, height) for half in halves]
    gap = canvas.blank(_GAP, panels[0].shape[0])
    return panels[0] if len(panels) == 1 else np.hstack([panels[0], gap, panels[1]])


def shares(width: int, result: Result, colours: Colours) -> Image:
    """Return who speaks for how long, those who speak most first."""
    turns: dict[str, list[float]] = {}
    for turn in cast("Sequence[SpeakerTurn]", result.records):
        turns.setdefault(turn.speaker, []).append(turn.end - turn.start)
    image = canvas.blank(width, 2 * _PAD + 18, PANEL)
    left, total = _PAD, sum(map(sum, turns.values())) or 1.0
    if not turns:
        write(image, "Nobody was heard.", left, _PAD + 15, _SIZE, FAINT)
    for name in sorted(turns, key=lambda each: (-sum(turns[each]), each)):
        seconds = sum(turns[name])
        text = f"{display_time(seconds)}, {seconds / total:.0%}, {counted(len(turns[name]), 'turn', 'turns')}"
        if left + canvas.pill_size(name, 13)[0] + text_width(text, 14) + 10 > width - _PAD:
            write(image, "…", left, _PAD + 15, 14, FAINT)
            break
        canvas.pill(image, name, left, _PAD - 1, colours.speaker(name))
        left += canvas.pill_size(name, 13)[0] + 10
        left = write(image, text, left, _PAD + 14, 14, FAINT) + 30
    return image


def _entry(width: int, said: Utterance, colours: Colours, named: bool) -> Image:
    indent = _PAD + _TIME + (_SPEAKER if named else 0)
    room = width - indent - _PAD
    lines = wrapped(said.text, room, _SIZE)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], fitted(" ".join(lines[_LINES - 1 :]), room, _SIZE)]
    image = canvas.blank(width, max(len(lines), 1) * _LINE + 6, PANEL)
    write(image, display_time(said.start), _PAD, 16, 13, FAINT)
    if said.speaker:
        name = fitted(said.speaker, _SPEAKER - 20, 12, bold=True)
        canvas.pill(image, name, _PAD + _TIME, 1, colours.speaker(said.speaker), size=12)
    for number, line in enumerate(lines):
        write(image, line, indent, 16 + number * _LINE, _SIZE)
    return image


def _note(width: int, text: str) -> Image:
    image = canvas.blank(width, _LINE + 6, PANEL)
    write(image, text, _PAD, 16, 14, FAINT)
    return image


def _panel(width: int, entries: Sequence[Image], height: int) -> Image:
    own = sum(entry.shape[0] for entry in entries)
    foot = canvas.blank(width, max(height - own, 0) + _PAD, PANEL)
    return np.vstack([canvas.blank(width, _PAD, PANEL), *entries, foot])


def _balanced(heights: Sequence[int]) -> int:
    """Return after how many entries the first column ends, so that it is at least as long as the second."""
    total, sofar = sum(heights), 0
    for number, height in enumerate(heights, start=1):
        sofar += height
        if 2 * sofar >= total:
            return number
    return len(heights)
