"""The contact sheet and the time line, as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support import findings
from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.drawing import preview, timeline
from videoannotator.drawing.colours import EMOTION_COLOURS, Colours
from videoannotator.media.info import MediaInfo
from videoannotator.results.result import Result

Write = Callable[[Sequence[Result], Path], None]

PEOPLE = [findings.person(time) for time in findings.TIMES]
FACES = [findings.face(time) for time in findings.TIMES]
SAID = [findings.utterance(0, 1.0, "Wo ist der Bär?"), findings.utterance(1, 4.0, "Εδώ είναι.", "SPEAKER_01")]
TURNS = [findings.turn(0, 1.0, 3.0), findings.turn(1, 4.0, 5.0, "SPEAKER_01")]
EVERYTHING: dict[type[Record], Sequence[Record]] = {
    Scene: findings.scenes(4.0),
    PersonObservation: PEOPLE,
    FaceObservation: FACES,
    Utterance: SAID,
    SpeakerTurn: TURNS,
}
SOUND_ONLY = MediaInfo(container="mp3", duration=10.0, audio_codec="mp3")
both = pytest.mark.parametrize("write", [preview.write, timeline.write], ids=["preview", "timeline"])


def everything() -> list[Result]:
    return [findings.result(record, records) for record, records in EVERYTHING.items()]


def picture(write: Write, results: Sequence[Result], path: Path) -> np.ndarray:
    write(results, path / "picture.png")
    return cv2.imread(str(path / "picture.png"))[..., ::-1]


def area(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((image == colour).all(axis=2).sum())


@both
def test_everyone_is_there_in_their_colours(write: Write, tmp_path: Path) -> None:
    results = everything()
    image = picture(write, results, tmp_path)
    colours = Colours(results)
    assert image.shape[1] == 1640
    assert area(image, colours.person(1)) > 1000
    assert area(image, colours.person(2)) == 0
    assert area(image, colours.speaker("SPEAKER_00")) > 1000
    assert area(image, colours.speaker("SPEAKER_01")) > 1000
    assert area(image, EMOTION_COLOURS["happy"]) > 1000


@both
@pytest.mark.parametrize("record", EVERYTHING)
def test_a_result_without_records_is_drawn_too(write: Write, record: type[Record], tmp_path: Path) -> None:
    assert picture(write, [findings.result(record, [])], tmp_path).shape[0] > 100


@both
@pytest.mark.parametrize("record", EVERYTHING)
def test_each_kind_of_record_adds_to_the_picture(write: Write, record: type[Record], tmp_path: Path) -> None:
    empty = picture(write, [findings.result(record, [])], tmp_path)
    assert picture(write, [findings.result(record, EVERYTHING[record])], tmp_path).shape[0] > empty.shape[0]


@both
def test_sound_without_a_picture_is_drawn_too(write: Write, tmp_path: Path) -> None:
    results = [
        findings.result(record, EVERYTHING[record], info=SOUND_ONLY, times=()) for record in (Utterance, SpeakerTurn)
    ]
    assert picture(write, results, tmp_path).shape[1] == 1640


@both
def test_the_same_results_make_the_same_bytes(write: Write, tmp_path: Path) -> None:
    write(everything(), tmp_path / "first.png")
    write(everything(), tmp_path / "second.png")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


@both
def test_names_and_texts_of_any_language_and_length_are_taken(write: Write, tmp_path: Path) -> None:
    texts = ["Мы идём домой", "東京に行きます" * 40, "שלום עולם", "a\nb\x00c", "\U0001f600", "x" * 500]
    said = [
        findings.utterance(number, float(number), text, f"Ana María {'é' * 60}") for number, text in enumerate(texts)
    ]
    found = findings.result(Utterance, said, video="Säugling – " + "sehr " * 60 + "lang")
    assert picture(write, [found], tmp_path).shape[1] == 1640


def test_a_long_video_has_a_wide_time_line_that_is_not_endless(tmp_path: Path) -> None:
    info = findings.INFO.model_copy(update={"duration": 7200.0})
    people = [findings.person(float(time), track) for time in range(0, 7200, 20) for track in range(1, 60)]
    times = [float(time) for time in range(0, 7200, 20)]
    image = picture(timeline.write, [findings.result(PersonObservation, people, info=info, times=times)], tmp_path)
    assert image.shape[1] == timeline.MOST_WIDTH
    assert image.shape[0] < 800


def test_much_talk_does_not_make_the_contact_sheet_endless(tmp_path: Path) -> None:
    info = findings.INFO.model_copy(update={"duration": 7200.0})
    said = [findings.utterance(number, number * 7.0, "so it goes " * 10) for number in range(1000)]
    assert picture(preview.write, [findings.result(Utterance, said, info=info)], tmp_path).shape[0] < 1500


@pytest.mark.parametrize("size", [(64, 48), (108, 192), (1920, 200), (640, 480)])
@pytest.mark.parametrize("record", [PersonObservation, FaceObservation])
def test_the_preview_fits_any_shape_of_video(size: tuple[int, int], record: type[Record], tmp_path: Path) -> None:
    info = findings.INFO.model_copy(update={"width": size[0], "height": size[1]})
    sheet = picture(preview.write, [findings.result(record, EVERYTHING[record], info=info)], tmp_path)
    assert sheet.shape[1] == 1640
    assert 200 < sheet.shape[0] < 3000
