"""Videos with their results drawn into them: decoded again and compared with what they were made of."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support import findings
from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.drawing.annotated_video import render
from videoannotator.drawing.colours import Colour, Colours
from videoannotator.errors import CorruptMediaError, InvalidRequestError, MissingStreamError
from videoannotator.media.audio import SAMPLE_RATE, decode_audio
from videoannotator.media.frame import Frame, Image
from videoannotator.media.probe import probe
from videoannotator.media.source import open_video
from videoannotator.results.result import Result
from videoannotator.testing.audio import joined, silence, tone
from videoannotator.testing.videos import Encoding, write_audio, write_video

RATE, FRAMES = 25, 50
WIDTH, HEIGHT = 320, 240
BEEP = joined(silence(0.5), tone(440, 0.5), silence(1.0))
VARIABLE = [0.0, 0.04, 0.08, 0.3, 0.31, 0.5, 0.9, 1.0, 1.02, 1.7]


def grey(count: int = FRAMES, width: int = WIDTH, height: int = HEIGHT) -> list[Image]:
    return [np.full((height, width, 3), 90, np.uint8)] * count


def result(record: type[Record], *records: Record, **more: object) -> Result:
    return findings.result(record, records, times=[number / 5 for number in range(10)], **more)  # type: ignore[arg-type]


PEOPLE = result(PersonObservation, *(findings.person(number / 5) for number in range(5)))
NOTHING = result(PersonObservation)


def frames(path: Path) -> list[Frame]:
    with open_video(path) as source:
        return [frame for frame in source.frames(lambda index, time: True) if isinstance(frame, Frame)]


def times(path: Path) -> list[float]:
    return [frame.time for frame in frames(path)]


def amount(image: Image, colour: Colour) -> int:
    """Return how many pixels are about ``colour``: H.264 keeps colours coarsely."""
    return int((np.abs(image.astype(int) - colour).sum(axis=2) < 60).sum())


def beep(samples: NDArray[np.float32]) -> tuple[float, float]:
    """Return when audio starts and ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.1) / SAMPLE_RATE
    return float(loud[0]), float(loud[-1])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_video(path, grey(), rate=RATE, audio=BEEP)


def test_pictures_keep_their_number_and_times_and_sound_is_the_same(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "shown.mp4"
    render(clip, [PEOPLE], output)
    assert times(output) == pytest.approx(times(clip), abs=1e-4)
    assert np.array_equal(decode_audio(output), decode_audio(clip))
    made = probe(output)
    assert (made.video_codec, made.width, made.height, made.rotation) == ("h264", WIDTH, HEIGHT, 0)
    assert made.duration == pytest.approx(probe(clip).duration, abs=0.03)
    assert [path.name for path in tmp_path.iterdir()] == ["shown.mp4"]


def test_people_are_drawn_where_and_when_they_were_seen(clip: Path, tmp_path: Path) -> None:
    render(clip, [PEOPLE], tmp_path / "shown.mp4")
    colour = Colours([PEOPLE]).person(1)
    drawn = [frame.time for frame in frames(tmp_path / "shown.mp4") if amount(frame.image, colour) > 300]
    # Seen until 0.8 s; the frame at 1.0 s was looked at, and nobody was in it.
    assert (drawn[0], drawn[-1]) == (0.0, pytest.approx(0.88))
    assert len(drawn) == 23
    image = frames(tmp_path / "shown.mp4")[0].image
    ys, xs = np.nonzero(np.abs(image.astype(int) - colour).sum(axis=2) < 60)
    assert (xs.min(), xs.max()) == (pytest.approx(50, abs=3), pytest.approx(140, abs=3))
    assert ys.max() == pytest.approx(220, abs=3)


def test_boxes_fit_a_video_of_another_size(tmp_path: Path) -> None:
    small = write_video(tmp_path / "small.mp4", grey(width=160, height=120), rate=RATE)
    render(small, [PEOPLE], tmp_path / "shown.mp4")
    image = frames(tmp_path / "shown.mp4")[0].image
    lower_half = image[60:].astype(int)  # without the label
    _, xs = np.nonzero(np.abs(lower_half - Colours([PEOPLE]).person(1)).sum(axis=2) < 60)
    assert (xs.min(), xs.max()) == (pytest.approx(25, abs=3), pytest.approx(70, abs=3))


@pytest.mark.parametrize(
    ("record", "records"),
    [
        (FaceObservation, [findings.face(0.0)]),
        (Scene, findings.scenes()),
        (Utterance, [findings.utterance(0, 0.0, "Ποῦ εἶναι ὁ Bär?")]),
        (SpeakerTurn, [findings.turn(0, 0.0, 1.0)]),
    ],
)
def test_every_kind_of_record_shows(record: type[Record], records: list[Record], clip: Path, tmp_path: Path) -> None:
    render(clip, [result(record, *records)], tmp_path / "with.mp4")
    render(clip, [result(record)], tmp_path / "without.mp4")
    one, other = (frames(tmp_path / name)[0].image.astype(int) for name in ("with.mp4", "without.mp4"))
    assert (np.abs(one - other).sum(axis=2) > 60).sum() > 100


def test_captions_have_the_colour_of_their_speaker_and_end_with_the_words(clip: Path, tmp_path: Path) -> None:
    said = result(Utterance, findings.utterance(0, 0.0, "well then", "SPEAKER_01"))
    render(clip, [said], tmp_path / "shown.mp4")
    colour = Colours([said]).speaker("SPEAKER_01")
    drawn = [frame.time for frame in frames(tmp_path / "shown.mp4") if amount(frame.image[HEIGHT // 2 :], colour) > 100]
    assert (drawn[0], drawn[-1]) == (0.0, pytest.approx(0.96))


def test_a_variable_frame_rate_stays_as_it_is(tmp_path: Path) -> None:
    video = write_video(tmp_path / "phone.mp4", grey(len(VARIABLE)), times=VARIABLE, audio=BEEP)
    for name in ("shown.mp4", "shown.mov"):
        render(video, [NOTHING], tmp_path / name)
        assert times(tmp_path / name) == pytest.approx(VARIABLE, abs=1e-4)
    render(video, [NOTHING], tmp_path / "shown.mkv")
    assert times(tmp_path / "shown.mkv") == pytest.approx(VARIABLE, abs=1e-3)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_video_comes_out_upright(turn: int, tmp_path: Path) -> None:
    lit = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    lit[:60, :80] = 240
    video = write_video(tmp_path / "turned.mp4", [lit] * 5, rate=RATE, encoding=Encoding(rotation=turn))
    render(video, [NOTHING], tmp_path / "shown.mp4")
    made = probe(tmp_path / "shown.mp4")
    assert (made.width, made.height, made.rotation) == (probe(video).width, probe(video).height, 0)
    before, after = (frames(path)[0].image[:, : made.width // 2] for path in (video, tmp_path / "shown.mp4"))
    assert np.abs(before.astype(int) - after).mean() < 4


def test_a_picture_of_odd_size_gets_an_edge(tmp_path: Path) -> None:
    images = [np.full((99, 101, 3), 200, np.uint8)] * 5
    video = write_video(tmp_path / "odd.mkv", images, rate=RATE, encoding=Encoding(codec="ffv1", pixels="bgr0"))
    render(video, [NOTHING], tmp_path / "shown.mp4")
    image = frames(tmp_path / "shown.mp4")[0].image
    assert image.shape[:2] == (100, 102)
    assert image[80:, :].mean() == pytest.approx(200, abs=5)


def test_pixels_that_are_not_square_keep_their_shape(tmp_path: Path) -> None:
    video = write_video(tmp_path / "wide.mp4", grey(5), rate=RATE, encoding=Encoding(options={"aspect": "16:9"}))
    with av.open(str(video)) as file:
        shape = file.streams.video[0].sample_aspect_ratio
    render(video, [NOTHING], tmp_path / "shown.mp4")
    with av.open(str(tmp_path / "shown.mp4")) as file:
        assert file.streams.video[0].sample_aspect_ratio == shape


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".webm", ".avi"])
def test_sound_is_heard_when_it_was(suffix: str, tmp_path: Path) -> None:
    encoding = Encoding(codec="libvpx") if suffix == ".webm" else None
    video = write_video(tmp_path / f"clip{suffix}", grey(), rate=RATE, audio=BEEP, encoding=encoding)
    render(video, [NOTHING], tmp_path / "shown.mp4")
    assert probe(tmp_path / "shown.mp4").audio_codec in ("aac", "mp3")
    assert beep(decode_audio(tmp_path / "shown.mp4")) == pytest.approx(beep(decode_audio(video)), abs=0.03)
    assert times(tmp_path / "shown.mp4") == pytest.approx(times(video), abs=2e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_matroska_keeps_any_sound_and_all_times(suffix: str, tmp_path: Path) -> None:
    encoding = Encoding(codec="libvpx") if suffix == ".webm" else None
    video = write_video(tmp_path / f"clip{suffix}", grey(), rate=RATE, audio=BEEP, encoding=encoding)
    render(video, [NOTHING], tmp_path / "shown.mkv")
    assert probe(tmp_path / "shown.mkv").audio_codec == probe(video).audio_codec
    assert beep(decode_audio(tmp_path / "shown.mkv")) == pytest.approx(beep(decode_audio(video)), abs=2e-3)
    assert times(tmp_path / "shown.mkv") == pytest.approx(times(video), abs=1e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_starts_late_is_not_heard_early(suffix: str, tmp_path: Path) -> None:
    video = write_video(tmp_path / f"clip{suffix}", grey(), rate=RATE, audio=tone(440, 0.5), audio_start=1.2)
    render(video, [NOTHING], tmp_path / "shown.mp4")
    assert beep(decode_audio(tmp_path / "shown.mp4")) == pytest.approx((1.2, 1.7), abs=0.05)


def test_sound_that_goes_on_after_the_picture_is_kept(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.mkv", grey(10), rate=RATE, audio=joined(silence(2), tone(440, 1.0)))
    render(video, [NOTHING], tmp_path / "shown.mp4")
    assert beep(decode_audio(tmp_path / "shown.mp4")) == pytest.approx((2.0, 3.0), abs=0.05)


def test_many_channels_are_mixed_so_that_every_player_has_them(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.mkv", grey(), rate=RATE, audio=np.repeat(BEEP, 8, axis=0))
    render(video, [NOTHING], tmp_path / "shown.mp4")
    assert probe(tmp_path / "shown.mp4").audio_channels == 2
    assert beep(decode_audio(tmp_path / "shown.mp4")) == pytest.approx((0.5, 1.0), abs=0.03)


def test_a_silent_video_stays_silent(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.mp4", grey(5), rate=RATE)
    render(video, [PEOPLE], tmp_path / "shown.mp4")
    assert not probe(tmp_path / "shown.mp4").has_audio


def test_an_interrupted_one_leaves_nothing_and_what_was_there_stays(clip: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int | None) -> None:
        assert total == FRAMES
        if done == 20:
            raise KeyboardInterrupt

    (tmp_path / "shown.mp4").write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        render(clip, [PEOPLE], tmp_path / "shown.mp4", progress=interrupt)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("shown.mp4", b"before")]


def test_the_same_results_make_the_same_bytes(clip: Path, tmp_path: Path) -> None:
    for name in ("one.mp4", "other.mp4"):
        render(clip, [PEOPLE], tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()


def test_what_cannot_be_rendered_says_why(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=r"\.mp4, \.mov, \.mkv"):
        render(clip, [PEOPLE], tmp_path / "shown.gif")
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    with pytest.raises(InvalidRequestError, match="itself"):
        render(copy, [PEOPLE], copy)
    with pytest.raises(MissingStreamError):
        render(write_audio(tmp_path / "a.wav", BEEP), [PEOPLE], tmp_path / "shown.mp4")
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:3000])
    with pytest.raises(CorruptMediaError):
        render(tmp_path / "cut.mp4", [PEOPLE], tmp_path / "shown.mp4")
    assert not (tmp_path / "shown.mp4").exists()
