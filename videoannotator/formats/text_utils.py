"""Text and times as every plain-text format can hold them."""

from __future__ import annotations

from unicodedata import category

_UNPRINTABLE = ("Cc", "Cs", "Cn")


def one_line(text: str) -> str:
    """Return ``text`` in one line, without what no file can hold: control characters and halves of characters."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(letter for letter in text if letter.isspace() or _is_printable(letter)).split())


def one_word(text: str) -> str:
    """Return ``text`` without space in it."""
    return "_".join(one_line(text).split()) or "_"


def whole_milliseconds(start: float, end: float) -> tuple[int, int]:
    """Return start and end in whole milliseconds from 0: no span is shorter than one of them."""
    first = max(round(start * 1000), 0)
    return first, max(round(end * 1000), first + 1)


def subtitle_time(milliseconds: int, point: str = ".") -> str:
    """Return a time as subtitles show it: HH:MM:SS and, after ``point``, milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{rest:03d}"


def _is_printable(letter: str) -> bool:
    return category(letter) not in _UNPRINTABLE
