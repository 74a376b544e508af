"""The files that the tests are made of are the same every time."""

from pathlib import Path

import av
import pytest

from videoannotator.media.probe import probe
from videoannotator.testing.audio import tone
from videoannotator.testing.damage import flipped
from videoannotator.testing.pictures import numbered, plain
from videoannotator.testing.videos import write_audio, write_video


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts"])
def test_a_video_has_the_same_bytes_every_time(tmp_path: Path, suffix: str) -> None:
    one, two = (
        write_video(tmp_path / f"{name}{suffix}", map(numbered, range(10)), audio=tone(440, 0.4)) for name in "ab"
    )
    assert one.read_bytes() == two.read_bytes()


def test_a_sound_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    one, two = (write_audio(tmp_path / f"{name}.ogg", tone(440, 0.4)) for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_damage_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", map(numbered, range(10)))
    one, two, three = (flipped(clip, tmp_path / str(place), seed) for place, seed in enumerate((5, 5, 6)))
    assert one.read_bytes() == two.read_bytes() != three.read_bytes()


def test_the_cover_of_a_song_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    with av.open(str(path), "w") as container:
        audio = container.add_stream("flac", rate=48_000, layout="mono")
        cover = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(plain((1, 2, 3)), format="rgb24")))
        frame = av.AudioFrame.from_ndarray((tone(440, 0.1) * 32_767).astype("int16"), format="s16", layout="mono")
        frame.sample_rate = 48_000
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    info = probe(path)
    assert (info.has_video, info.has_audio) == (False, True)
