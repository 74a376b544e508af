import hashlib
import io
import json
import resource
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pycocotools.coco import COCO

from videoannotator.errors import (
    CorruptMediaError,
    JobCancelledError,
    PipelineNotFoundError,
    StorageExhaustedError,
    UnsupportedMediaError,
)
from videoannotator.models.manifest import Manifest, ManifestEntry, ModelFile
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.outcome import Outcome
from videoannotator.testing.audio import tone
from videoannotator.testing.damage import disguises, truncated
from videoannotator.testing.videos import write_audio

Annotate = Callable[..., Outcome]


def test_one_request_leaves_every_file_with_its_checksum(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    outcome = annotate(clip, "person", "face", "scene", prefix="clip_")
    results = tmp_path / "results"
    names = [artifact.name for artifact in outcome.artifacts]
    assert names == [
        "clip_person_tracking.ndjson",
        "clip_person_tracking.json",
        "clip_person_tracking.csv",
        "clip_person_tracking_keypoints.csv",
        "clip_face_analysis.ndjson",
        "clip_face_analysis.json",
        "clip_face_analysis.csv",
        "clip_scene_detection.ndjson",
        "clip_scene_detection.json",
        "clip_scene_detection.csv",
        "clip_tracks.csv",
        "clip_preview.png",
        "clip_timeline.png",
        "clip_provenance.json",
        "clip_results.json",
    ]
    assert sorted(path.name for path in results.iterdir()) == sorted(names)
    for artifact in outcome.artifacts:
        data = (results / artifact.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (artifact.size_bytes, artifact.sha256)
    with redirect_stdout(io.StringIO()):
        people = COCO(str(results / "clip_person_tracking.json"))
        faces = COCO(str(results / "clip_face_analysis.json"))
        scenes = COCO(str(results / "clip_scene_detection.json"))
    assert len(people.getImgIds()) == 15
    assert {person["track_id"] for person in people.loadAnns(people.getAnnIds())} == {1}
    assert {face["track_id"] for face in faces.loadAnns(faces.getAnnIds())} == {1}
    assert [scene["frame_start"] for scene in scenes.loadAnns(scenes.getAnnIds())] == [0, 50]


def test_the_outcome_tells_what_was_done(clip: Path, annotate: Annotate, recorder: Any) -> None:
    outcome = annotate(clip, "scene", "person")
    scene, person = outcome.runs
    assert (scene.pipeline, person.pipeline) == ("scene_detection", "person_tracking")
    assert (scene.status, scene.units_done, scene.annotation_count, scene.models) == ("completed", 75, 2, ())
    assert (person.status, person.units_done, person.units_failed) == ("completed", 15, 0)
    assert person.annotation_count >= 5
    assert [model.id for model in person.models] == ["centernet", "movenet-thunder"]
    assert recorder.stages == ["model_load", "decode", "export"]
    assert recorder.progressed == {"scene_detection": (75, 0, 75), "person_tracking": (15, 0, 15)}
    assert tuple(recorder.ended) == outcome.runs


def test_provenance_names_everything_that_made_the_result(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    outcome = annotate(clip, "person", config={"person": {"fps": 5, "pose": False}}, outputs=("coco",))
    document = json.loads((tmp_path / "results" / "provenance.json").read_text())
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert document["video"]["sha256"] == sha256
    assert (document["started_at"], document["program"]["name"]) == ("2025-03-01T00:00:00Z", "videoannotator")
    [pipeline] = document["pipelines"]
    assert pipeline["config"]["confidence_threshold"] == 0.2
    assert [(model["id"], model["sha256"]) for model in pipeline["models"]] == [
        ("centernet", Manifest.bundled().entry("centernet").main.sha256)
    ]
    coco = next(artifact for artifact in outcome.artifacts if artifact.format == "coco")
    info = json.loads((tmp_path / "results" / coco.name).read_text())["info"]
    assert info["provenance"] == coco.provenance
    assert info["provenance"]["pipeline"] == pipeline


@pytest.mark.parametrize(
    ("outputs", "files"),
    [
        (("csv",), {"scene_detection.csv"}),
        (("preview",), {"preview.png"}),
        (("coco", "preview"), {"scene_detection.json", "preview.png"}),
    ],
)
def test_only_the_outputs_asked_for_are_written(
    outputs: tuple[str, ...], files: set[str], clip: Path, annotate: Annotate
) -> None:
    outcome = annotate(clip, "scene", outputs=outputs)
    always = {"scene_detection.ndjson", "provenance.json", "results.json"}
    assert {artifact.name for artifact in outcome.artifacts} == files | always


def test_the_same_request_makes_the_same_bytes(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    first = annotate(clip, "person", "face", "scene", directory=tmp_path / "first")
    second = annotate(clip, "person", "face", "scene", directory=tmp_path / "second")
    assert first.artifacts == second.artifacts


def test_models_stay_loaded_from_one_request_to_the_next(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    weights = tmp_path / "models"
    weights.mkdir()
    for name in ("centernet", "movenet-thunder"):
        (weights / f"{name}.onnx").write_bytes(ModelStore().weights(name).path.read_bytes())
    own = Sessions(ModelStore(weights))
    annotate(clip, "person", sessions=own)
    for path in weights.iterdir():
        path.write_bytes(b"gone")
    assert annotate(clip, "person", sessions=own).runs[0].status == "completed"


def test_a_pipeline_that_breaks_takes_no_other_along(
    clip: Path, annotate: Annotate, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = annotate(clip, "breaks", "scene", "refuses")
    breaks, scene, refuses = outcome.runs
    assert [run.status for run in outcome.runs] == ["failed", "completed", "failed"]
    assert breaks.error is not None
    assert breaks.error.code == "PIPELINE_FAILED"
    assert "ZeroDivisionError" in breaks.error.message
    assert "secret" not in breaks.error.message
    assert refuses.error is not None
    assert (refuses.error.code, refuses.error.message) == ("MEDIA_LIMIT_EXCEEDED", "too many pixels for me")
    assert (breaks.units_done, scene.units_done) == (7, 75)
    assert "a secret path" in caplog.text
    assert {artifact.pipeline for artifact in outcome.artifacts} == {"scene_detection", None}
    document = json.loads((tmp_path / "results" / "provenance.json").read_text())
    assert [entry["status"] for entry in document["pipelines"]] == ["failed", "completed", "failed"]


def test_nothing_is_written_when_every_pipeline_fails(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    assert annotate(clip, "breaks").artifacts == ()
    assert not (tmp_path / "results").exists()


def test_missing_weights_fail_only_the_pipeline_that_needs_them(clip: Path, annotate: Annotate) -> None:
    entry = ManifestEntry(
        id="centernet", task="x", files=(ModelFile(name="nowhere.onnx", sha256="0" * 64, size_bytes=1),),
        licence="MIT", source="a", redistributor="b",
    )  # fmt: skip
    outcome = annotate(clip, "person", "scene", sessions=Sessions(ModelStore(manifest=Manifest([entry]))))
    person, scene = outcome.runs
    assert person.error is not None
    assert (person.error.code, scene.status) == ("MODEL_MISSING", "completed")


class GpuSessions(Sessions):
    """Sessions of a machine with a GPU."""

    @property
    def on_gpu(self) -> bool:
        return True


@pytest.mark.parametrize(("kind", "code"), [(Sessions, "PIPELINE_FAILED"), (GpuSessions, "GPU_OUT_OF_MEMORY")])
def test_lack_of_memory_is_told_apart(kind: type[Sessions], code: str, clip: Path, annotate: Annotate) -> None:
    error = annotate(clip, "exhausts", sessions=kind(ModelStore())).runs[0].error
    assert error is not None
    assert error.code == code
    assert "memory" in error.message


def test_a_file_without_a_picture_fails_a_pipeline_that_looks(annotate: Annotate, tmp_path: Path) -> None:
    audio = write_audio(tmp_path / "sound.wav", tone(440, 1.0))
    blind, listening = annotate(audio, "person", "listens").runs
    assert blind.error is not None
    assert blind.error.code == "STREAM_MISSING"
    assert (listening.status, listening.unit, listening.units_done) == ("completed", "seconds", 1)


def test_a_file_without_sound_is_an_empty_result_with_a_warning(clip: Path, annotate: Annotate) -> None:
    config = {"scene": {"label_scenes": False}}
    listening, scene = annotate(clip, "listens", "scene", config=config).runs
    assert (listening.status, listening.annotation_count) == ("completed", 0)
    assert "no audio" in listening.warnings[0]
    assert (scene.status, scene.warnings) == ("completed", ())


def test_a_cancelled_pipeline_stops_listening(annotate: Annotate, recorder: Any, tmp_path: Path) -> None:
    cancelled = Event()
    recorder.on_progress = cancelled.set
    with pytest.raises(JobCancelledError):
        annotate(write_audio(tmp_path / "sound.wav", tone(440, 2.0)), "listens", cancelled=cancelled)
    assert recorder.progressed["listens"] == (0, 0, 2)


def test_a_file_that_is_no_video_fails_the_request(annotate: Annotate, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(disguises("x")["text"])
    with pytest.raises(UnsupportedMediaError):
        annotate(path, "scene")


def test_a_broken_video_fails_the_request(clip: Path, annotate: Annotate, tmp_path: Path) -> None:
    with pytest.raises(CorruptMediaError):
        annotate(truncated(clip, tmp_path / "cut.mp4", 0.3), "scene")


def test_an_unknown_pipeline_fails_the_request(clip: Path, annotate: Annotate) -> None:
    with pytest.raises(PipelineNotFoundError):
        annotate(clip, "nothing")


@pytest.mark.parametrize("stage", ["model_load", "decode", "export"])
def test_cancelling_ends_every_stage(
    stage: str, clip: Path, annotate: Annotate, recorder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Event()
    enter = recorder.stage

    def cancel_at(name: str) -> None:
        enter(name)
        if name == stage:
            cancelled.set()

    monkeypatch.setattr(recorder, "stage", cancel_at)
    with pytest.raises(JobCancelledError):
        annotate(clip, "person", "scene", cancelled=cancelled)
    assert recorder.stages[-1] == stage
    assert not (tmp_path / "results" / "provenance.json").exists()


def test_cancelling_in_the_middle_of_the_video_stops_the_work(
    clip: Path, annotate: Annotate, recorder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Event()
    note = recorder.progress

    def cancel_soon(pipeline: str, done: int, failed: int, total: int | None) -> None:
        note(pipeline, done, failed, total)
        if done == 3:
            cancelled.set()

    monkeypatch.setattr(recorder, "progress", cancel_soon)
    with pytest.raises(JobCancelledError):
        annotate(clip, "person", cancelled=cancelled)
    assert recorder.progressed["person_tracking"][0] < 15


def test_a_full_disk_is_told_as_such(clip: Path, annotate: Annotate) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageExhaustedError):
            annotate(clip, "scene", outputs=("coco", "preview"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_the_video_is_decoded_once_for_all_pipelines(
    clip: Path, annotate: Annotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from videoannotator.engine import decoding

    opened: list[Any] = []
    open_really = decoding.open_video

    def open_and_count(*args: Any, **options: Any) -> Any:
        opened.append(open_really(*args, **options))
        return opened[-1]

    monkeypatch.setattr(decoding, "open_video", open_and_count)
    annotate(clip, "person", "face", "scene")
    assert [source.decoded for source in opened] == [75]
