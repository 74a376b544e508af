"""The demo annotates real people rightly: where they are is known exactly."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import webvtt

from videoannotator.annotations import BoundingBox
from videoannotator.testing.accuracy import word_error_rate
from videoannotator.testing.demo_clip import CUTS, FRAMES, HEIGHT, PEOPLE_FRAMES, WIDTH, people, speech

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT = 280
"""Seconds; a tenth of it is usual. The machine may be busy."""

pytestmark = pytest.mark.timeout(TIMEOUT + 15)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demo as `make demo` does and return the directory of its results."""
    output = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "scripts/demo.py", "--output", str(output)]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for title, name in (("Preview", "clip_preview.png"), ("Timeline", "clip_timeline.png")):
        picture = output / "results" / name
        assert f"{title}: {picture}" in result.stdout
        assert picture.stat().st_size > 10_000
    return output / "results"


@pytest.mark.slow
def test_everybody_is_found_under_one_identity(demo: Path):
    coco = json.loads((demo / "clip_person_tracking.json").read_text())
    images = [image for image in coco["images"] if image["frame_number"] < PEOPLE_FRAMES]
    for person in people():
        identities: Counter[int] = Counter()
        for image in images:
            found = [each for each in coco["annotations"] if each["image_id"] == image["id"]]
            box = person.box(image["frame_number"])
            best = max(found, key=lambda each: overlap(box, BoundingBox(*each["bbox"])), default=None)
            if best is not None and overlap(box, BoundingBox(*best["bbox"])) > 0.5:
                identities[best["track_id"]] += 1
        assert sum(identities.values()) >= 0.9 * len(images), person.name
        assert len(identities) == 1, (person.name, identities)


@pytest.mark.slow
def test_scenes_start_with_the_cuts(demo: Path):
    with (demo / "clip_scene_detection.csv").open(newline="") as file:
        scenes = [(int(row["start_frame"]), int(row["end_frame"])) for row in csv.DictReader(file)]
    assert scenes == list(zip((0, *CUTS), (*CUTS, FRAMES), strict=True))


@pytest.mark.slow
def test_what_is_said_is_written_down_with_its_speaker(demo: Path):
    captions = webvtt.read(demo / "clip_audio_processing.vtt")
    assert word_error_rate(speech().text, " ".join(caption.text for caption in captions)) < 0.25
    assert {caption.identifier.split()[1] for caption in captions} == {"SPEAKER_00", "SPEAKER_01"}


def test_people_stay_in_the_picture():
    for person in people():
        for frame in range(PEOPLE_FRAMES):
            box = person.box(frame)
            assert 0 <= box.x <= WIDTH - box.width
            assert box.y + box.height == HEIGHT


def overlap(a: BoundingBox, b: BoundingBox) -> float:
    """Intersection over union."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)
