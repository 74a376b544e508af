"""What is exported later is what the job itself would have written."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.results import EVERYTHING, PROVENANCE, result
from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn, Utterance
from videoannotator.errors import InvalidRequestError
from videoannotator.export import reexport, tracks
from videoannotator.export.artifact_writer import ArtifactWriter
from videoannotator.formats import ndjson
from videoannotator.formats.names import OUTPUTS
from videoannotator.results.result import Result

OF: dict[str, tuple[type[Record], ...]] = {
    "person_tracking": (PersonObservation,),
    "face_analysis": (FaceObservation,),
    "scene_detection": (Scene,),
    "audio_processing": (Utterance, SpeakerTurn),
}
MADE = [output for output in OUTPUTS if output not in ("preview", "timeline", "ndjson")]


def results(video: str = "clip", sha256: str = "a" * 64) -> Iterator[tuple[str, list[Result]]]:
    document = {**PROVENANCE, "video": {**PROVENANCE["video"], "sha256": sha256}}  # type: ignore[dict-item]
    for pipeline, types in OF.items():
        own = {**document, "pipeline": {"name": pipeline}}
        yield pipeline, [replace(result(each, EVERYTHING[each], pipeline, video), provenance=own) for each in types]


def keep(folder: Path, video: str = "clip", sha256: str = "a" * 64) -> None:
    for pipeline, found in results(video, sha256):
        ndjson.write(found, folder / f"{video}_{pipeline}.ndjson")
    order = {"pipelines": [{"name": pipeline} for pipeline in OF]}
    (folder / f"{video}_provenance.json").write_text(json.dumps(order))


def test_later_exports_have_the_bytes_of_the_job(tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    found, identities = tracks.identified([each for _, several in results() for each in several])
    folder = ArtifactWriter(job, "clip_")
    for pipeline in OF:
        folder.write_pipeline([each for each in found if each.pipeline == pipeline], MADE)
    folder.write_tracks(identities, MADE, PROVENANCE)
    folder.write_job(found, MADE, PROVENANCE)
    keep(job)
    [kept] = reexport.stored_in(job)
    later = tmp_path / "later"
    files = reexport.export(kept, MADE, later)
    assert [file.name for file in files] == [file.name for file in folder.files]
    assert [file.sha256 for file in files] == [file.sha256 for file in folder.files]
    assert {file.format for file in files} == {*MADE, "tracks"}
    assert not list(later.glob(".*"))


def test_a_directory_may_hold_several_videos(tmp_path: Path) -> None:
    keep(tmp_path, "one")
    keep(tmp_path, "two", "b" * 64)
    files = [
        file.name for kept in reexport.stored_in(tmp_path) for file in reexport.export(kept, ["eaf", "srt"], tmp_path)
    ]
    assert sorted(files) == [
        "one_annotations.eaf",
        "one_audio_processing.srt",
        "two_annotations.eaf",
        "two_audio_processing.srt",
    ]


def test_results_of_different_videos_are_not_mixed(tmp_path: Path) -> None:
    keep(tmp_path)
    found = dict(results(sha256="b" * 64))["scene_detection"]
    ndjson.write(found, tmp_path / "clip_scene_detection.ndjson")
    with pytest.raises(InvalidRequestError, match="different videos"):
        reexport.stored_in(tmp_path)


def test_a_file_that_was_there_is_replaced(tmp_path: Path) -> None:
    keep(tmp_path)
    (tmp_path / "clip_annotations.eaf").write_text("mine")
    [kept] = reexport.stored_in(tmp_path)
    reexport.export(kept, ["eaf"], tmp_path)
    assert (tmp_path / "clip_annotations.eaf").read_text().startswith("<?xml")
    assert not list(tmp_path.glob("*.bak"))


def test_a_directory_without_records_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no records") as caught:
        reexport.stored_in(tmp_path)
    assert "videoannotator results" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("output", "complaint"), [("preview", "frames of the video"), ("rttm", "of type scene"), ("ndjson", "already")]
)
def test_what_cannot_be_made_is_said_before_anything_is_written(output: str, complaint: str, tmp_path: Path) -> None:
    ndjson.write([result(Scene, EVERYTHING[Scene], "scene_detection")], tmp_path / "scene_detection.ndjson")
    with pytest.raises(InvalidRequestError, match=complaint):
        reexport.require_possible(reexport.stored_in(tmp_path), ["csv", output])
