import numpy as np
import pytest

from videoannotator.testing.audio import AUDIO_RATE
from videoannotator.testing.speech import telephone_call


def test_two_people_speak_and_every_word_is_known() -> None:
    call = telephone_call()
    assert call.duration == 30
    assert {turn.speaker for turn in call.turns} == {"speaker90", "speaker91"}
    assert {line.speaker for line in call.lines} == {"Diane", "Sheila"}
    assert "I'm Sheila in Texas" in call.text


def test_it_is_silent_until_the_first_word() -> None:
    call = telephone_call()
    first = round(call.turns[0].start * 16_000)
    assert np.abs(call.samples[: first - 4000]).max() < 0.1 * np.abs(call.samples[first:]).max()


def test_a_part_has_its_own_clock() -> None:
    part = telephone_call().cut(8.0, 15.0)
    assert part.duration == 7
    assert part.turns[0].start == 0
    assert all(0 <= turn.start < turn.end <= 7 for turn in part.turns)
    assert part.lines[0].text == "Oh, hello."
    assert part.lines[0].start == pytest.approx(0.436)


def test_it_sounds_the_same_in_a_video() -> None:
    part = telephone_call().cut(9.0, 12.0)
    audio = part.audio
    assert audio.shape == (1, 3 * AUDIO_RATE)
    assert np.abs(audio[0, ::3] - part.samples).max() < 1e-4
