"""Text in pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.drawing import canvas
from videoannotator.drawing.text import fitted, text_width, visual, wrapped, write

QUESTION_MARKS = "?" * 4


def drawn(text: str) -> np.ndarray:
    image = canvas.blank(400, 60)
    write(image, text, 5, 40, 28)
    return image


@pytest.mark.parametrize(
    "text", ["Größe", "Ελλά", "Мать", "ящик", "ğışı", "żółć", "日本語話", "한국어요", "שלום", "مرحب"]
)
def test_letters_of_many_languages_are_drawn_and_are_no_question_marks(text: str) -> None:
    assert (drawn(text) != drawn("")).any()
    assert (drawn(text) != drawn(QUESTION_MARKS)).any()
    halves = [drawn(letter) for letter in text]
    assert not any((half == drawn("?")).all() for half in halves)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two   spaces", "two   spaces"),
        ("a\nb\tc\x07", "a b c"),
        ("שלום", "םולש"),
        ("say שלום now", "say םולש now"),
        ("שלום (12) abc", "abc (12) םולש"),
        ("שלום עולם", "םלוע םולש"),
    ],
)
def test_letters_stand_in_the_order_in_which_they_are_seen(text: str, shown: str) -> None:
    assert visual(text) == shown


@given(st.text(max_size=30), st.integers(20, 300))
def test_what_is_fitted_fits_and_is_a_beginning(text: str, width: int) -> None:
    found = fitted(text, width, 14)
    assert text_width(found, 14) <= max(width, 0) or found == ""
    assert found == text or found == "" or text.startswith(found[:-1].rstrip())


@given(st.lists(st.text("abcdefgh日本", min_size=1, max_size=30), max_size=12), st.integers(60, 300))
def test_wrapped_lines_are_narrow_and_lose_nothing(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width, 14)
    assert all(text_width(line, 14) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(words)
