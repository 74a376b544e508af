"""Recordings as they come out of phones, cameras and accidents, from the file to the results."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from videoannotator.media.frame import Image
from videoannotator.outcome import Outcome
from videoannotator.testing.audio import joined, silence, tone
from videoannotator.testing.damage import flipped
from videoannotator.testing.pictures import cuts, photograph, texture
from videoannotator.testing.videos import Encoding, write_audio, write_video

Annotate = Callable[..., Outcome]
UNLABELLED = {"label_scenes": False}


def astronaut(width: int, height: int) -> Image:
    """A picture of that size with the astronaut in its lower left corner, as tall as four fifths of it."""
    picture = np.full((height, width, 3), 150, np.uint8)
    side = min(width, height) * 4 // 5
    picture[height - side :, :side] = cv2.resize(photograph("astronaut"), (side, side), interpolation=cv2.INTER_AREA)
    return picture


def test_a_phone_held_upright_gives_boxes_in_the_upright_picture(annotate: Annotate, tmp_path: Path) -> None:
    upright = astronaut(360, 640)
    lying = np.ascontiguousarray(np.rot90(upright))  # as the sensor sees it; the player turns it clockwise
    clip = write_video(tmp_path / "phone.mp4", [lying] * 10, encoding=Encoding(rotation=90))
    assert annotate(clip, "person", "face").runs[0].error is None
    document = json.loads((tmp_path / "results" / "face_analysis.json").read_text())
    assert {(image["width"], image["height"]) for image in document["images"]} == {(360, 640)}
    for face in document["annotations"]:
        x, y, width, height = face["bbox"]
        assert 80 < x + width / 2 < 180, "the face is in the left half"
        assert 352 < y + height / 2 < 500, "and below the middle"
    assert document["annotations"]


def test_sound_that_stops_early_is_told(annotate: Annotate, tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", [texture(1)] * 100, audio=tone(440, 1.5))
    [listening, scene] = annotate(clip, "listens", "scene", config={"scene": UNLABELLED}).runs
    assert listening.status == "completed"
    assert "The audio ends at 1.5 s, the video at 4.0 s." in listening.warnings
    assert scene.warnings == ()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_that_cannot_be_read_is_told(suffix: str, annotate: Annotate, tmp_path: Path) -> None:
    audio = write_audio(tmp_path / f"sound{suffix}", tone(440, 8.0))
    [whole] = annotate(audio, "listens").runs
    assert whole.warnings == ()
    data = bytearray(audio.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    audio.write_bytes(data)
    outcome = annotate(audio, "listens")
    [warning] = outcome.runs[0].warnings
    assert warning.endswith("s of the audio could not be read; they count as silence.")
    assert 1.0 < float(warning.split()[0]) < 3.0, "a sixth of it, and what belongs to that"


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_any_number_of_channels_is_heard(channels: int, annotate: Annotate, tmp_path: Path) -> None:
    audio = write_audio(tmp_path / "sound.wav", joined(silence(1, channels=channels), tone(440, 2, channels=channels)))
    [run] = annotate(audio, "listens").runs
    assert (run.status, run.units_done) == ("completed", 3)


def test_one_frame_of_4k(annotate: Annotate, tmp_path: Path) -> None:
    clip = write_video(tmp_path / "still.mp4", [astronaut(3840, 2160)])
    outcome = annotate(clip, "person", "face", "scene", config={"scene": UNLABELLED})
    assert [(run.status, run.units_done) for run in outcome.runs] == [("completed", 1)] * 3
    [person] = json.loads((tmp_path / "results" / "person_tracking.json").read_text())["annotations"]
    x, y, width, height = person["bbox"]
    assert x < 200
    assert x + width < 1900
    assert y + height == pytest.approx(2160, abs=30)


@pytest.mark.slow
def test_twenty_minutes_with_a_damaged_stretch(annotate: Annotate, tmp_path: Path) -> None:
    rate, minute = 5, 5 * 60
    pictures = cuts([texture(seed) for seed in range(20)], [minute] * 20)
    whole = write_video(tmp_path / "whole.mkv", pictures, rate=rate, encoding=Encoding(key_interval=25))
    clip = flipped(whole, tmp_path / "clip.mkv", 3, bits=400, start=0.45)
    data = bytearray(clip.read_bytes())
    data[int(len(data) * 0.55) :] = whole.read_bytes()[int(len(data) * 0.55) :]
    clip.write_bytes(data)
    [run] = annotate(clip, "scene", config={"scene": UNLABELLED}).runs
    assert run.status == "completed"
    assert run.units_failed > 0
    assert f"{run.units_failed} frames could not be decoded." in run.warnings
    assert run.units_done + run.units_failed == pytest.approx(20 * minute, abs=60)
    with (tmp_path / "results" / "scene_detection.csv").open() as file:
        starts = [float(row["start"]) for row in csv.DictReader(file)]
    # What lies before and after the damage is as it was.
    for start in [60.0 * number for number in range(20) if not 8 <= number <= 11]:
        assert any(abs(start - found) <= 1 / rate for found in starts), start
