"""Real files through the real decoder: true times, upright pictures, nothing lost without being counted."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from videoannotator.errors import CorruptMediaError, MissingStreamError
from videoannotator.media.frame import Frame, LostFrame
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.media.source import FileVideoSource, open_video
from videoannotator.testing.audio import tone
from videoannotator.testing.damage import truncated
from videoannotator.testing.pictures import corners, numbered, plain, read_number, texture
from videoannotator.testing.videos import Encoding, write_audio, write_video

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def all_of(source: FileVideoSource) -> tuple[list[Frame], list[LostFrame]]:
    items = list(source.frames(lambda index, time: True))
    return [item for item in items if isinstance(item, Frame)], [item for item in items if isinstance(item, LostFrame)]


def read(path: Path, threads: int = 1) -> list[Frame]:
    with open_video(path, threads=threads) as source:
        frames, lost = all_of(source)
    assert lost == []
    return frames


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts", ".flv"])
@pytest.mark.parametrize("b_frames", [0, 3])
def test_every_frame_arrives_in_order_with_its_time(tmp_path: Path, suffix: str, b_frames: int) -> None:
    path = write_video(
        tmp_path / f"clip{suffix}", map(numbered, range(40)), times=steady(40), encoding=Encoding(b_frames=b_frames)
    )
    frames = read(path)
    assert [frame.index for frame in frames] == list(range(40))
    assert [read_number(frame.image) for frame in frames] == list(range(40))
    first = frames[0].time
    assert [frame.time - first for frame in frames] == pytest.approx(steady(40), abs=0.001)


def steady(count: int) -> list[float]:
    return [index / 25 for index in range(count)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_times_of_a_variable_frame_rate_are_the_container_s_to_the_millisecond(
    tmp_path: Path, suffix: str, b_frames: int
) -> None:
    slow, fast, still = [0.0, 1.0, 2.0], [3 + index / 60 for index in range(60)], [4.5, 6.25, 10.0]
    times = slow + fast + still
    path = write_video(
        tmp_path / f"vfr{suffix}",
        map(numbered, range(len(times))),
        times=times,
        encoding=Encoding(b_frames=b_frames),
    )
    frames = read(path)
    assert [read_number(frame.image) for frame in frames] == list(range(len(times)))
    assert [frame.time for frame in frames] == pytest.approx(times, abs=0.001)


def test_avi_has_no_presentation_times_and_still_keeps_time(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi", map(numbered, range(30)), encoding=Encoding("mpeg4"))
    frames = read(path)
    assert [frame.time for frame in frames] == pytest.approx(steady(30), abs=0.001)
    assert [read_number(frame.image) for frame in frames] == list(range(30))


def test_a_transport_stream_starts_at_zero_as_in_a_player(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.ts", map(numbered, range(10)), times=[3600 + time for time in steady(10)])
    assert [frame.time for frame in read(path)] == pytest.approx(steady(10), abs=0.001)


def test_a_late_start_is_kept_where_the_container_means_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", map(numbered, range(5)), times=[2 + time for time in steady(5)])
    assert read(path)[0].time == pytest.approx(2.0, abs=0.001)


def test_unwanted_frames_are_decoded_but_never_converted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", map(numbered, range(50)))
    with open_video(path) as source:
        indices = [item.index for item in source.frames(lambda index, time: index % 10 == 0)]
    assert indices == [0, 10, 20, 30, 40]
    assert (source.decoded, source.converted, source.lost) == (50, 5, 0)


@pytest.mark.parametrize(
    ("rotation", "quarters"),
    [
        (0, [RED, GREEN, BLUE, WHITE]),
        (90, [BLUE, RED, WHITE, GREEN]),
        (180, [WHITE, BLUE, GREEN, RED]),
        (270, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_a_turned_recording_comes_upright(tmp_path: Path, rotation: int, quarters: list[tuple[int, int, int]]) -> None:
    path = write_video(tmp_path / "turned.mp4", [corners(64, 48)] * 3, encoding=Encoding(rotation=rotation))
    info = probe(path)
    image = read(path)[0].image
    height, width = image.shape[:2]
    assert info.rotation == rotation
    assert (info.width, info.height) == (width, height) == ((64, 48) if rotation % 180 == 0 else (48, 64))
    seen = [image[y, x].tolist() for y in (8, height - 8) for x in (8, width - 8)]
    assert np.abs(np.array(seen) - np.array(quarters)).max() < 12
    assert image.flags.c_contiguous


def test_colours_are_those_that_were_recorded(tmp_path: Path) -> None:
    path = write_video(tmp_path / "colour.mp4", [plain((200, 30, 90))] * 3)
    assert np.abs(read(path)[1].image.astype(int) - (200, 30, 90)).max() < 6


@pytest.mark.parametrize(("width", "height"), [(65, 49), (33, 97), (641, 3)])
def test_odd_dimensions(tmp_path: Path, width: int, height: int) -> None:
    encoding = Encoding(pixels="yuv444p")
    path = write_video(tmp_path / "odd.mp4", [texture(1, width, height)] * 3, encoding=encoding)
    frames = read(path)
    assert [frame.image.shape for frame in frames] == [(height, width, 3)] * 3
    assert np.abs(frames[0].image.astype(int) - texture(1, width, height)).mean() < 12


def test_one_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "one.mp4", [numbered(7)])
    assert [read_number(frame.image) for frame in read(path)] == [7]


def test_ten_bit_hevc(tmp_path: Path) -> None:
    encoding = Encoding("libx265", "yuv420p10le", options={"x265-params": "log-level=none:pools=none"})
    path = write_video(tmp_path / "hevc.mp4", map(numbered, range(8)), encoding=encoding)
    assert [read_number(frame.image) for frame in read(path)] == list(range(8))


def test_webm(tmp_path: Path) -> None:
    encoding = Encoding("libvpx", options={"deadline": "realtime", "cpu-used": "8"})
    path = write_video(tmp_path / "clip.webm", map(numbered, range(12)), encoding=encoding)
    assert [read_number(frame.image) for frame in read(path)] == list(range(12))


def test_several_threads_give_the_same_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", map(numbered, range(60)), encoding=Encoding(b_frames=2))
    one, two = read(path, threads=1), read(path, threads=2)
    assert [(frame.index, frame.time) for frame in one] == [(frame.index, frame.time) for frame in two]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, two, strict=True))


def test_a_picture_may_change_its_size_in_the_middle(tmp_path: Path) -> None:
    # Transport streams can be joined by appending their bytes.
    small = write_video(tmp_path / "small.ts", [texture(1, 64, 48)] * 10)
    large = write_video(tmp_path / "large.ts", [texture(2, 128, 96)] * 10, times=[1 + time for time in steady(10)])
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    with open_video(path) as source:
        frames, _ = all_of(source)
    assert {frame.image.shape for frame in frames} == {(48, 64, 3), (96, 128, 3)}


def test_a_change_to_a_size_beyond_the_limit_loses_those_frames_only(tmp_path: Path) -> None:
    small = write_video(tmp_path / "small.ts", [texture(1, 64, 48)] * 10)
    large = write_video(tmp_path / "large.ts", [texture(2, 640, 480)] * 10, times=[1 + time for time in steady(10)])
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    with open_video(path, MediaLimits(max_pixels=100 * 100)) as source:
        frames, lost = all_of(source)
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    assert len(frames) == 10
    assert lost


def test_decoding_goes_on_after_a_damaged_stretch(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", (texture(seed) for seed in range(60)), encoding=Encoding(key_interval=6))
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 6000] = bytes(6000)
    path.write_bytes(data)
    with open_video(path) as source:
        frames, _ = all_of(source)
    assert frames[0].time == 0.0
    assert frames[-1].time == pytest.approx(59 / 25, abs=0.002)
    assert len(frames) < 60


def test_damaged_packets_are_counted(tmp_path: Path) -> None:
    encoding = Encoding("mjpeg", "yuvj420p")
    path = write_video(tmp_path / "clip.avi", (texture(seed) for seed in range(30)), encoding=encoding)
    wipe_packet(path, 10)
    with open_video(path) as source:
        frames, lost = all_of(source)
    assert (len(frames), len(lost)) == (29, 1)
    assert (source.decoded, source.lost) == (29, 1)
    assert (lost[0].index, lost[0].time) == (10, pytest.approx(0.4, abs=0.001))
    assert [frame.index for frame in frames] == [*range(10), *range(11, 30)]
    assert frames[10].time == pytest.approx(11 / 25, abs=0.001)


def wipe_packet(path: Path, number: int) -> None:
    with av.open(str(path)) as container:
        packet = next(islice(container.demux(video=0), number, None))
        start = packet.pos + 8  # behind the chunk's header
    data = path.read_bytes()
    path.write_bytes(data[:start] + bytes(200) + data[start + 200 :])


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_a_recording_that_was_cut_off_plays_up_to_the_cut(tmp_path: Path, suffix: str) -> None:
    whole = write_video(tmp_path / f"whole{suffix}", (texture(seed) for seed in range(50)))
    path = truncated(whole, tmp_path / f"cut{suffix}", 0.6)
    with open_video(path) as source:
        frames, _ = all_of(source)
    assert 20 <= len(frames) <= 35
    assert source.info.duration == pytest.approx(frames[-1].time + 0.04, abs=0.1)


def test_a_source_is_read_once(tmp_path: Path) -> None:
    with open_video(write_video(tmp_path / "clip.mp4", [numbered(1)])) as source:
        all_of(source)
        with pytest.raises(RuntimeError, match="once"):
            all_of(source)


def test_sound_without_a_picture_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(MissingStreamError, match="no video stream"):
        open_video(write_audio(tmp_path / "sound.wav", tone(440, 0.2)))


def test_a_video_without_a_good_frame_is_corrupt(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", (texture(seed) for seed in range(10)))
    info = probe(path)
    path.write_bytes(wiped(path.read_bytes()))
    with FileVideoSource(path, MediaLimits(), info) as source, pytest.raises(CorruptMediaError, match="Not one"):
        all_of(source)


def wiped(data: bytes) -> bytes:
    """Return an MP4 file whose pictures are all zeros but whose index is good."""
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    return data[:start] + bytes(end - start) + data[end:]


HOARDER = """
import resource, sys
from pathlib import Path
from videoannotator.media.source import open_video

with open_video(Path(sys.argv[1])) as source:
    frames = []
    try:
        for frame in source.frames(lambda index, time: True):
            frames.append(frame)
            if len(frames) == 10:
                pages = int(Path("/proc/self/statm").read_text().split()[0])
                resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 20_000_000,) * 2)
    except MemoryError:
        frames.clear()
        print("out of memory", source.lost)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_want_of_memory_is_no_damage_of_the_video(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", (plain(RED, 640, 480) for _ in range(60)))
    outcome = subprocess.run([sys.executable, "-c", HOARDER, str(path)], capture_output=True, text=True, check=False)
    assert outcome.stdout == "out of memory 0\n", outcome.stderr
