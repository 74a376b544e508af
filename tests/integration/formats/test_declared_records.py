"""Files of records that a plugin declares."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.declared import Gesture, Hand, Light, hand
from tests.support.results import FRAMES, INFO, result
from videoannotator.annotations import Record
from videoannotator.export.writers import job_writer, writers
from videoannotator.formats import ndjson
from videoannotator.formats.tiers import tiers
from videoannotator.record_types import installed

HANDS = [hand(time, track, "fist" if time < 2 else "open") for _, time in FRAMES for track in (1, None)]
LIGHTS = [Light(index, time, 100 + time, "bright" if time < 2 else "dark") for index, time in FRAMES]
GESTURES = [Gesture(0.5, 1.5, "wave"), Gesture(1.0, 2.0, "point"), Gesture(3.0, 3.5, "wave")]


def written(output: str, record: type[Record], records: Sequence[Record], folder: Path) -> Path:
    [writer] = writers(output, record)
    writer.write(result(record, records), folder / f"clip{writer.suffix}")
    return folder / f"clip{writer.suffix}"


def test_json_lines_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "plugin_records", lambda: {"hand": Hand, "gesture": Gesture})
    found = [result(Hand, HANDS), result(Gesture, GESTURES)]
    ndjson.write(found, tmp_path / "r.ndjson")
    assert [list(read.records) for read in ndjson.read(tmp_path / "r.ndjson")] == [HANDS, GESTURES]


def test_a_plugin_that_cannot_be_loaded_is_logged_and_does_not_hide_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, code in {"broken": "import no_such_library", "sound": "class SPEC:\n    records = ()"}.items():
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (tmp_path / f"{name}_plugin.py").write_text(code)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[videoannotator.pipelines]\n{name} = {name}_plugin:SPEC\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed.plugin_records() == {}
    assert [record.getMessage()[:24] for record in caplog.records] == ["The plugin 'broken' (bro"]


def test_a_table_has_what_the_record_has(tmp_path: Path) -> None:
    with written("csv", Hand, HANDS[:2], tmp_path).open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "annotation_id": "1", "frame": "0", "time": "0.000000", "track_id": "1", "x": "50.13", "y": "40.00",
        "width": "60.00", "height": "80.00", "score": "0.9123", "wrist_x": "70.00", "wrist_y": "60.00",
        "angle": "12.35", "shape": "fist", "sure": "1",
    }  # fmt: skip
    assert (second["annotation_id"], second["track_id"]) == ("2", "")


def test_intervals_are_counted_by_their_name(tmp_path: Path) -> None:
    path = written("csv", Gesture, GESTURES, tmp_path)
    assert path.name == "clip_gestures.csv"
    assert path.read_text().splitlines()[:2] == ["gesture,start,end,kind", "1,0.500000,1.500000,wave"]


def test_parquet_has_types_and_units(tmp_path: Path) -> None:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(written("parquet", Hand, HANDS, tmp_path))
    assert table["angle"].to_pylist() == [12.345] * len(HANDS)
    assert {name: str(table.schema.field(name).type) for name in ("frame", "sure", "shape", "time")} == {
        "frame": "int64", "sure": "int64", "shape": "string", "time": "double",
    }  # fmt: skip
    assert table.schema.field("angle").metadata == {b"unit": b"deg"}


def test_coco_is_loaded_by_its_own_tools(tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    with redirect_stdout(io.StringIO()):
        loaded = COCO(str(written("coco", Hand, HANDS, tmp_path)))
    assert [category["name"] for category in loaded.loadCats(loaded.getCatIds())] == ["hand"]
    first: dict[str, Any] = loaded.loadAnns([1])[0]
    assert (first["bbox"], first["track_id"], first["score"]) == ([50.13, 40.0, 60.0, 80.0], 1, 0.9123)
    assert first["attributes"] == {"wrist_x": 70.0, "wrist_y": 60.0, "angle": 12.35, "shape": "fist", "sure": 1}
    assert len(loaded.getImgIds()) == len(FRAMES)


def test_what_a_type_declares_nothing_for_has_no_file() -> None:
    assert [writers(output, Gesture) for output in ("coco", "webvtt", "rttm", "mot")] == [[]] * 4
    assert [writers(output, Light) for output in ("coco", "mot")] == [[]] * 2


def test_tiers_tell_presence_labels_and_intervals(tmp_path: Path) -> None:
    found = [result(Light, LIGHTS), result(Hand, HANDS), result(Gesture, GESTURES)]
    spans = {tier.name: [(each.start, each.end, each.label) for each in tier.intervals] for tier in tiers(found)}
    assert spans == {
        "gestures": [(500, 1500, "wave"), (3000, 3500, "wave")],
        "gestures 2": [(1000, 2000, "point")],
        "hand_001": [(0, 4000, "hand_001")],
        "hand_001 shape": [(0, 2000, "fist"), (2000, 4000, "open")],
        "lights": [(0, 4000, "lights")],
        "lights level": [(0, 2000, "bright"), (2000, 4000, "dark")],
    }
    for output in ("eaf", "textgrid"):
        writer = job_writer(output)
        assert writer is not None
        writer.write(found, tmp_path / writer.name)
        assert "hand_001 shape" in (tmp_path / writer.name).read_text()


def test_a_type_may_share_the_identities_of_persons() -> None:
    shared = replace(Hand.record_type, subject="person")  # type: ignore[type-var]
    record = type("Hand", (Hand,), {"record_type": shared})
    assert [tier.name for tier in tiers([result(record, HANDS)])] == ["person_001", "person_001 shape"]


def test_nothing_found_has_an_empty_tier() -> None:
    found = tiers([result(Light), result(Hand), result(Gesture)])
    assert [(tier.name, tier.intervals) for tier in found] == [("gestures", ()), ("hands", ()), ("lights", ())]


def test_every_line_of_json_says_its_type(tmp_path: Path) -> None:
    ndjson.write([result(Hand, HANDS[:1])], tmp_path / "r.ndjson")
    line = json.loads((tmp_path / "r.ndjson").read_text().splitlines()[-1])
    assert (line["type"], line["wrist"], line["embedding"]) == ("hand", {"x": 70.0, "y": 60.0}, [0.5])
    assert INFO.width == 320
