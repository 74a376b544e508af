"""The files that are always written, and those that are made of them later."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from videoannotator.export import reexport
from videoannotator.formats import ndjson
from videoannotator.formats.names import DEFAULT_OUTPUTS, OUTPUTS
from videoannotator.outcome import Outcome

Annotate = Callable[..., Outcome]


def test_what_is_exported_later_has_the_bytes_that_the_job_gave(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    outcome = annotate(clip, "person", "face", "scene", outputs=OUTPUTS, prefix="clip_")
    [kept] = reexport.stored_in(tmp_path / "results")
    possible = [output for output in OUTPUTS if reexport.possible(output, kept.results)]
    files = reexport.export(kept, possible, tmp_path / "later")
    own = {artifact.name: artifact.sha256 for artifact in outcome.artifacts}
    assert {file.name: file.sha256 for file in files}.items() <= own.items()
    always = {"ndjson", "provenance", "results", "tracks", "preview"}
    assert {artifact.format for artifact in outcome.artifacts} - {file.format for file in files} <= always
    assert {"coco", "csv", "parquet", "mot", "eaf", "textgrid"} <= {file.format for file in files}


def test_the_index_names_every_file_as_it_is_handed_out(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    outcome = annotate(clip, "scene", "breaks", title="holiday", filename="Holiday.MP4")
    index = json.loads((tmp_path / "results" / "results.json").read_text())
    assert index["schema_version"] == 1
    listed = {entry["name"]: entry["sha256"] for entry in index["files"]}
    assert listed == {f"holiday_{each.name}": each.sha256 for each in outcome.artifacts if each.format != "results"}
    assert {entry["name"]: entry["media_type"] for entry in index["files"]}["holiday_scene_detection.csv"] == "text/csv"
    assert (index["video"]["filename"], index["video"]["sha256"]) == (
        "Holiday.MP4",
        hashlib.sha256(clip.read_bytes()).hexdigest(),
    )
    assert (index["video"]["width"], index["video"]["video_codec"]) == (640, "h264")
    assert index["decoding"]["decodes_per_frame"] == 1.0


def test_the_index_says_what_became_of_each_pipeline(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    outcome = annotate(clip, "scene", "breaks")
    scene, breaks = json.loads((tmp_path / "results" / "results.json").read_text())["pipelines"]
    assert (scene["name"], scene["status"], scene["records"]) == ("scene_detection", "completed", {"scene": 2})
    assert scene["warnings"] == list(outcome.runs[0].warnings)
    assert (breaks["status"], breaks["error"]["code"], breaks["records"]) == ("failed", "PIPELINE_FAILED", {})


def test_a_format_that_was_asked_for_in_vain_is_a_warning(clip: Path, annotate: Annotate, recorder: Any) -> None:
    annotate(clip, "scene", outputs=("csv", "rttm"))
    assert [message for message in recorder.messages if "rttm" in message] == [
        "warning: No rttm file was written: it has no place for what scene_detection finds."
    ]
    recorder.messages.clear()
    annotate(clip, "scene")
    annotate(clip, "scene", outputs=DEFAULT_OUTPUTS)
    assert not any("file was written" in message for message in recorder.messages)


@pytest.mark.parametrize("pipeline", ["scene_detection", "person_tracking"])
def test_records_hold_every_frame_that_was_looked_at(
    pipeline: str, clip: Path, annotate: Annotate, tmp_path: Path
) -> None:
    [run] = annotate(clip, pipeline).runs
    [result] = ndjson.read(tmp_path / "results" / f"{pipeline}.ndjson")
    assert (len(result.frames), len(result.records)) == (run.frames_done, run.annotation_count)
    assert result.info.duration == pytest.approx(3.0)
