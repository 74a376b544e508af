from hypothesis import given
from hypothesis import strategies as st

from videoannotator.formats.text_utils import one_line, one_word, subtitle_time, whole_milliseconds


@given(st.text())
def test_any_text_becomes_one_line_that_every_file_can_hold(text: str) -> None:
    line = one_line(text)
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert line.encode().decode() == line
    assert not any(ord(letter) < 32 for letter in line)
    assert one_line(line) == line


def test_letters_of_every_language_stay() -> None:
    assert one_line("  Grüß\nGott,\t日本語 \u2028 👶🏽\x00\ud800 ") == "Grüß Gott, 日本語 👶🏽"


@given(st.text())
def test_any_text_becomes_one_word(text: str) -> None:
    assert len(one_word(text).split()) == 1


@given(st.floats(-1, 1e6), st.floats(0, 1e6))
def test_no_stretch_is_empty_and_none_begins_before_the_video(start: float, duration: float) -> None:
    first, last = whole_milliseconds(start, start + duration)
    assert 0 <= first < last
    assert abs(first / 1000 - max(start, 0)) <= 0.000_500_1
    assert abs(last / 1000 - max(start + duration, 0)) <= 0.002


def test_a_clock_shows_hours_minutes_seconds_and_milliseconds() -> None:
    assert subtitle_time(0) == "00:00:00.000"
    assert subtitle_time(((1 * 60 + 2) * 60 + 3) * 1000 + 45, ",") == "01:02:03,045"
    assert subtitle_time(360_000_000) == "100:00:00.000"
