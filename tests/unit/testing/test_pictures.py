"""What the fixtures promise."""

import numpy as np
import pytest

from videoannotator.media.frame import Frame
from videoannotator.testing.audio import AUDIO_RATE, joined, silence, tone
from videoannotator.testing.pictures import corners, cuts, moving, numbered, photograph, plain, read_number, texture
from videoannotator.testing.sources import FakeVideoSource


@pytest.mark.parametrize("number", [0, 1, 299, 40_000, 65_535])
def test_a_numbered_picture_can_be_read_even_when_it_is_noisy(number: int) -> None:
    noise = np.random.default_rng(1).integers(-40, 40, (48, 64, 3))
    noisy = np.clip(numbered(number).astype(int) + noise, 0, 255).astype(np.uint8)
    assert read_number(noisy) == number


def test_a_texture_is_the_same_every_time_and_differs_by_seed() -> None:
    assert np.array_equal(texture(1), texture(1))
    assert np.abs(texture(1).astype(int) - texture(2)).mean() > 30


def test_cuts_show_each_scene_for_its_length() -> None:
    red, blue = plain((255, 0, 0)), plain((0, 0, 255))
    assert [frame[0, 0].tolist() for frame in cuts([red, blue], [2, 1])] == [[255, 0, 0], [255, 0, 0], [0, 0, 255]]


def test_a_subject_moves_along_its_path_and_is_cut_off_at_the_border() -> None:
    frames = list(moving(plain((255, 255, 255), 4, 4), plain((0, 0, 0), 16, 8), lambda index: (index * 7 - 2, 2), 3))
    bright = [np.argwhere(frame[..., 0] > 0) for frame in frames]
    assert [(points[:, 1].min(), points[:, 1].max()) for points in bright] == [(0, 1), (5, 8), (12, 15)]
    assert all((points[:, 0].min(), points[:, 0].max()) == (2, 5) for points in bright)


def test_corners_tell_how_a_picture_is_turned() -> None:
    image = corners()
    assert [image[y, x].tolist() for y in (0, -1) for x in (0, -1)] == [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 255],
    ]


def test_photographs_are_colour_pictures() -> None:
    assert photograph("astronaut").shape == (512, 512, 3)


def test_sounds_have_their_pitch_and_length() -> None:
    audio = joined(silence(0.5), tone(440, 1.0))
    assert audio.shape == (1, AUDIO_RATE * 3 // 2)
    assert np.argmax(np.abs(np.fft.rfft(audio[0, AUDIO_RATE // 2 :]))) == 440


def test_a_fake_source_makes_only_the_wanted_pictures() -> None:
    source = FakeVideoSource.steady(10)
    items = list(source.frames(lambda index, time: index % 3 == 0))
    assert [item.index for item in items if isinstance(item, Frame)] == [0, 3, 6, 9]
    assert (source.decoded, source.converted) == (10, 4)
    assert (source.info.width, source.info.height, source.info.frame_count) == (64, 48, 10)
    assert source.info.frame_rate == pytest.approx(25)
