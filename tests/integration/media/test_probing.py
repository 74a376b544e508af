"""What a file is, found out without trusting it."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from videoannotator.errors import (
    CorruptMediaError,
    InvalidRequestError,
    MediaLimitError,
    MissingStreamError,
    UnsupportedMediaError,
    VideoAnnotatorError,
)
from videoannotator.media.audio import decode_audio
from videoannotator.media.info import MediaInfo
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.media.source import FileVideoSource
from videoannotator.testing.audio import tone
from videoannotator.testing.damage import disguises, flipped, replaced, truncated
from videoannotator.testing.pictures import numbered, texture
from videoannotator.testing.videos import Encoding, write_audio, write_video

FRONT_INDEX = Encoding(container_options={"movflags": "+faststart"})
FRAGMENTED = Encoding(container_options={"movflags": "frag_keyframe+empty_moov+delay_moov"})


def clip(path: Path, count: int = 50, encoding: Encoding | None = None) -> Path:
    return write_video(path, (texture(seed) for seed in range(count)), encoding=encoding)


def test_the_facts_of_a_video_with_sound(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", map(numbered, range(50)), audio=tone(440, 2.0, channels=2))
    info = probe(path)
    assert info == MediaInfo(
        container="mov",
        duration=info.duration,
        width=64,
        height=48,
        rotation=0,
        frame_rate=25.0,
        frame_count=50,
        video_codec="h264",
        audio_codec="aac",
        audio_sample_rate=48_000,
        audio_channels=2,
    )
    assert info.duration == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".avi", ".ts", ".flv"])
def test_the_duration_of_every_container(tmp_path: Path, suffix: str) -> None:
    encoding = Encoding("mpeg4") if suffix == ".avi" else None
    info = probe(clip(tmp_path / f"clip{suffix}", encoding=encoding))
    assert info.duration == pytest.approx(2.0, abs=0.05)
    assert info.frame_rate == pytest.approx(25, abs=0.1)
    assert info.frame_count == pytest.approx(50, abs=1)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg", ".mka"])
def test_sound_alone(tmp_path: Path, suffix: str) -> None:
    info = probe(write_audio(tmp_path / f"sound{suffix}", tone(440, 1.0)))
    assert (info.has_video, info.has_audio) == (False, True)
    assert (info.width, info.height, info.frame_rate, info.frame_count) == (None, None, None, None)
    assert info.duration == pytest.approx(1.0, abs=0.06)


def test_a_picture_alone(tmp_path: Path) -> None:
    info = probe(clip(tmp_path / "clip.mp4"))
    assert (info.has_video, info.has_audio) == (True, False)


def test_one_frame(tmp_path: Path) -> None:
    assert probe(write_video(tmp_path / "one.mp4", [numbered(1)])).frame_count == 1


def test_ten_channels(tmp_path: Path) -> None:
    assert probe(write_audio(tmp_path / "ten.wav", tone(440, 0.5, channels=10))).audio_channels == 10


# --- cut short -------------------------------------------------------------------------------------------------------


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    path = truncated(clip(tmp_path / "whole.mp4"), tmp_path / "cut.mp4", 0.7)
    with pytest.raises(CorruptMediaError, match=r"index \(moov atom\) is missing: the recording or copy was cut short"):
        probe(path)


def test_an_index_that_is_cut_is_named(tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.mp4")
    share = (whole.read_bytes().index(b"moov") + 100) / whole.stat().st_size
    with pytest.raises(CorruptMediaError, match=r"index \(moov atom\) is cut short"):
        probe(truncated(whole, tmp_path / "cut.mp4", share))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_an_index_in_front_of_missing_pictures_tells_how_much_is_missing(tmp_path: Path, share: float) -> None:
    whole = clip(tmp_path / "whole.mp4", encoding=FRONT_INDEX)
    path = truncated(whole, tmp_path / "cut.mp4", share)
    with pytest.raises(CorruptMediaError, match="cut short") as caught:
        probe(path)
    assert caught.value.detail == {"size_bytes": path.stat().st_size, "needed_bytes": whole.stat().st_size}


@pytest.mark.parametrize(("suffix", "encoding"), [(".mkv", None), (".ts", None), (".mp4", FRAGMENTED)])
def test_containers_made_for_it_are_good_up_to_the_cut(tmp_path: Path, suffix: str, encoding: Encoding | None) -> None:
    whole = clip(tmp_path / f"whole{suffix}", encoding=encoding)
    info = probe(truncated(whole, tmp_path / f"cut{suffix}", 0.6))
    assert info.duration == pytest.approx(1.2, abs=0.4)
    assert info.frame_count == pytest.approx(30, abs=10)
    assert probe(whole).duration == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts", ".flv"])
def test_a_few_bytes_of_a_video_are_a_typed_error(tmp_path: Path, suffix: str) -> None:
    encoding = Encoding("mpeg4") if suffix == ".avi" else None
    whole = clip(tmp_path / f"whole{suffix}", count=3, encoding=encoding)
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole.read_bytes()[:400])
    with pytest.raises(CorruptMediaError):
        probe(path)


# --- not what it says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(disguises("victim.mp4")))
def test_a_file_that_is_no_video_is_refused_whatever_its_name(tmp_path: Path, name: str) -> None:
    clip(tmp_path / "victim.mp4", count=3)
    path = tmp_path / "clip.mp4"
    path.write_bytes(disguises("victim.mp4")[name])
    with pytest.raises(UnsupportedMediaError):
        probe(path)


def test_a_quicktime_file_cannot_make_us_open_another_file(tmp_path: Path) -> None:
    # A data reference that names another file instead of "this file".
    path = clip(tmp_path / "clip.mov", count=3)
    (tmp_path / "victim").write_bytes(path.read_bytes())
    replaced(path, path, b"url \x00\x00\x00\x01", b"alis\x00\x00\x00\x00")
    try:
        info = probe(path)
    except VideoAnnotatorError:
        return
    assert info.width == 160


def test_links_are_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(clip(tmp_path / "clip.mp4", count=3))
    with pytest.raises(UnsupportedMediaError, match="symbolic link"):
        probe(link)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(UnsupportedMediaError, match="not a regular file"):
            probe(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="No such file"):
        probe(tmp_path / "nothing.mp4")


def test_a_name_that_looks_like_a_protocol_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = clip(Path("plain.mp4"), count=3).rename("concat:a|b.mp4")
    assert probe(path).width == 160


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    good = clip(tmp_path / "clip.mp4", count=3)
    bad = truncated(good, tmp_path / "cut.mp4", 0.5)
    before = open_descriptors()
    for _ in range(5):
        probe(good)
        with pytest.raises(CorruptMediaError):
            probe(bad)
    assert open_descriptors() == before


# --- limits ----------------------------------------------------------------------------------------------------------


def test_too_long(tmp_path: Path) -> None:
    with pytest.raises(MediaLimitError, match="2 s long; at most 1 s"):
        probe(clip(tmp_path / "clip.mp4"), MediaLimits(max_duration=1.0))


def test_too_long_where_only_counting_tells(tmp_path: Path) -> None:
    path = truncated(clip(tmp_path / "clip.mkv"), tmp_path / "cut.mkv", 0.9)
    with pytest.raises(MediaLimitError, match="at most 1 s"):
        probe(path, MediaLimits(max_duration=1.0))


def test_too_many_pixels(tmp_path: Path) -> None:
    with pytest.raises(MediaLimitError, match="160 x 120 pixels; at most 10000"):
        probe(clip(tmp_path / "clip.mp4", count=3), MediaLimits(max_pixels=10_000))


def test_too_many_streams(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", [numbered(1)] * 3, audio=tone(440, 0.2))
    with pytest.raises(MediaLimitError, match="2 streams; at most 1"):
        probe(path, MediaLimits(max_streams=1))


def test_a_header_that_claims_a_huge_picture_over_tiny_data(tmp_path: Path) -> None:
    encoding = Encoding("mjpeg", "yuvj420p")
    honest = write_video(tmp_path / "honest.avi", [texture(1, 160, 120)] * 3, encoding=encoding)
    size, huge = (120).to_bytes(2, "big") + (160).to_bytes(2, "big"), (16_384).to_bytes(2, "big") * 2
    path = replaced(honest, tmp_path / "huge.avi", b"\xff\xc0\x00\x11\x08" + size, b"\xff\xc0\x00\x11\x08" + huge)
    header = (160).to_bytes(4, "little") + (120).to_bytes(4, "little")
    replaced(path, path, header, (16_384).to_bytes(4, "little") * 2)
    with pytest.raises(CorruptMediaError, match="more than 35389440 pixels"):
        probe(path)


# --- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@pytest.mark.parametrize("seed", range(16))
def test_flipped_bits_give_a_result_or_a_typed_error(tmp_path: Path, suffix: str, seed: int) -> None:
    encoding = Encoding("mpeg4" if suffix == ".avi" else "libx264")
    whole = write_video(
        tmp_path / f"whole{suffix}", (texture(n) for n in range(12)), audio=tone(300, 0.5), encoding=encoding
    )
    path = flipped(whole, tmp_path / f"flipped{suffix}", seed, bits=5 + 10 * seed)
    limits = MediaLimits(max_duration=60.0)
    with suppress(CorruptMediaError, UnsupportedMediaError, MediaLimitError, MissingStreamError):
        info = probe(path, limits)
        with FileVideoSource(path, limits, info) as source:
            indices = [item.index for item in source.frames(lambda index, time: index % 3 == 0)]
        assert indices == list(range(0, source.decoded + source.lost, 3))
        decode_audio(path, limits)
