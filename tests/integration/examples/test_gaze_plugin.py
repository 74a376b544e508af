"""The plugin of examples/gaze_plugin, installed as a user would and run by the real command line and service."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from tests.support.service import running
from videoannotator.cli.exit_codes import ExitCode
from videoannotator.drawing.colours import Colours
from videoannotator.media.frame import Image
from videoannotator.testing.pictures import moving, photograph
from videoannotator.testing.videos import write_video
from videoannotator.v1 import artifacts_pb2, types_pb2

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SOURCE = Path(__file__).resolve().parents[3] / "examples" / "gaze_plugin"
NAME = "gaze_estimation"
AHEAD = (92, 214, 123)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the plugin installed in it."""
    copy = shutil.copytree(SOURCE, tmp_path_factory.mktemp("source") / "gaze_plugin")
    target = tmp_path_factory.mktemp("site")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(target))
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(copy)], check=True)
    return target


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of an astronaut who moves to the right and looks into the camera."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", _images())


def _images() -> Iterator[Image]:
    astronaut = cv2.resize(photograph("astronaut"), (340, 340), interpolation=cv2.INTER_AREA)
    return moving(astronaut, np.full((360, 640, 3), 128, np.uint8), lambda index: (20 + 4 * index, 20), 50)


def run(site: Path | None, *arguments: str, expect: int = 0) -> str:
    environment = {**os.environ, "VIDEOANNOTATOR_CONFIG": os.devnull, "COLUMNS": "200"}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    command = [sys.executable, "-m", "videoannotator.cli.main", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def results(site: Path, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that a run of the plugin beside two built-in pipelines writes."""
    folder = tmp_path_factory.mktemp("results")
    run(site, "annotate", str(clip), "-p", f"{NAME},scene_detection", "-o", str(folder), "--outputs", "all")
    return folder


@pytest.fixture(scope="module")
def gazes(results: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (results / f"clip_{NAME}.ndjson").read_text().splitlines()]
    return [line for line in lines if line["type"] == "gaze"]


def test_the_json_lines_hold_a_plausible_gaze(gazes: list[dict[str, Any]]) -> None:
    assert len(gazes) == 20
    for gaze in gazes:
        direction = np.array([gaze["direction"][axis] for axis in "xyz"])
        assert np.linalg.norm(direction) == pytest.approx(1)
        assert (gaze["target"], gaze["track_id"]) == ("ahead", 1)
        assert max(abs(gaze["yaw"]), abs(gaze["pitch"])) < 15
        box = gaze["box"]
        assert box["x"] < gaze["origin"]["x"] < box["x"] + box["width"]


def test_tables_have_a_column_for_each_field(results: Path, gazes: list[dict[str, Any]]) -> None:
    with (results / f"clip_{NAME}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *("annotation_id", "frame", "time", "track_id", "x", "y", "width", "height", "score", "origin_x", "origin_y"),
        *("direction_x", "direction_y", "direction_z", "yaw", "pitch", "target"),
    ]
    assert [float(row["yaw"]) for row in rows] == pytest.approx([gaze["yaw"] for gaze in gazes], abs=0.0051)
    assert [row["target"] for row in rows] == ["ahead"] * len(gazes)


def test_parquet_is_exact_and_knows_units(results: Path, gazes: list[dict[str, Any]]) -> None:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(results / f"clip_{NAME}.parquet")
    assert table["direction_x"].to_pylist() == [gaze["direction"]["x"] for gaze in gazes]
    assert table.schema.field("pitch").metadata == {b"unit": b"deg"}
    assert str(table.schema.field("track_id").type) == "int64"


def test_coco_holds_boxes_and_attributes(results: Path, gazes: list[dict[str, Any]]) -> None:
    document = json.loads((results / f"clip_{NAME}.json").read_text())
    assert document["categories"] == [{"id": 1, "name": "gaze", "supercategory": "face"}]
    assert {image["id"] for image in document["images"]} >= {each["image_id"] for each in document["annotations"]}
    for annotation, gaze in zip(document["annotations"], gazes, strict=True):
        assert annotation["bbox"][0] == pytest.approx(gaze["box"]["x"], abs=0.0051)
        assert annotation["attributes"]["yaw"] == pytest.approx(gaze["yaw"], abs=0.0051)
        assert annotation["attributes"]["target"] == "ahead"


def test_elan_and_praat_get_tiers_of_presence_and_of_the_label(results: Path) -> None:
    tiers = ElementTree.parse(results / "clip_annotations.eaf").findall("TIER")
    values = {tier.get("TIER_ID"): [value.text for value in tier.iter("ANNOTATION_VALUE")] for tier in tiers}
    assert values["gaze_001"] == ["gaze_001"]
    assert values["gaze_001 target"] == ["ahead"]
    assert 'name = "gaze_001 target"' in (results / "clip_annotations.TextGrid").read_text()


def test_time_line_and_contact_sheet_show_it_in_its_colours(results: Path) -> None:
    assert _area(_read(results / "clip_timeline.png"), AHEAD) > 10_000
    sheet = _read(results / "clip_preview.png")
    assert _area(sheet, Colours([]).track(_gaze(), 1)) > 1000
    assert sheet.shape[0] > _read(results / "clip_timeline.png").shape[0]


def test_a_video_shows_boxes_and_arrows(site: Path, results: Path, clip: Path, tmp_path: Path) -> None:
    run(site, "render", str(results), "--video", str(clip), "-o", str(tmp_path / "shown.mp4"))
    before, after = _frame(clip, 25), _frame(tmp_path / "shown.mp4", 25)
    changed = np.abs(before.astype(int) - after).max(axis=2) > 60
    assert changed.sum() > 400


def test_exports_made_later_have_the_same_bytes(site: Path, results: Path, tmp_path: Path) -> None:
    run(site, "export", str(results), "-f", "csv,coco,eaf,timeline", "-o", str(tmp_path))
    for name in (f"clip_{NAME}.csv", f"clip_{NAME}.json", "clip_annotations.eaf", "clip_timeline.png"):
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes()


def test_without_the_plugin_its_records_are_named_and_the_others_exported(results: Path, tmp_path: Path) -> None:
    said = run(None, "export", str(results), "-f", "csv", "-o", str(tmp_path), expect=ExitCode.REFUSED)
    assert [path.name for path in tmp_path.iterdir()] == ["clip_scene_detection.csv"]
    assert "'gaze'" in said
    assert f"'{NAME}'" in said


def test_the_service_runs_it_like_any_other_pipeline(site: Path, clip: Path, tmp_path: Path) -> None:
    with running(tmp_path / "storage", PYTHONPATH=str(site), AUDIT_AT_START="true") as service:
        client = service.client()
        job = client.wait(client.submit(client.upload(clip).id, NAME, outputs=["csv", "coco", "timeline"]).id, 120)
        assert (job.status, job.runs[0].annotation_count) == (types_pb2.JOB_STATUS_COMPLETED, 20)
        request = artifacts_pb2.ListArtifactsRequest(job_id=job.id)
        formats = {artifact.format for artifact in client.artifacts.ListArtifacts(request).artifacts}
        assert formats == {"ndjson", "csv", "coco", "timeline", "results", "provenance"}


def _read(path: Path) -> Image:
    return np.asarray(cv2.imread(str(path))[..., ::-1])


def _area(image: Image, colour: tuple[int, int, int]) -> int:
    return int((image == colour).all(axis=2).sum())


def _frame(path: Path, number: int) -> Image:
    import av

    with av.open(str(path)) as container:
        return next(
            np.asarray(frame.to_ndarray(format="rgb24"))
            for index, frame in enumerate(container.decode(video=0))
            if index == number
        )


def _gaze() -> Any:
    """Return a class that declares the same as the plugin's record, which is not installed in this process."""
    from videoannotator.record_types import FrameType

    return type("Gaze", (), {"record_type": FrameType(name="gaze", noun="gaze", plural="gazes")})
