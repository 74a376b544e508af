"""What Video Annotation Viewer relies on, without the viewer: who may call, and what it finds in the zip of a job."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.rest import Answer, Rest
from tests.support.service import Service
from tests.support.viewer import VIDEOS, lane_of, lanes

LANES = {"video", "persons", "faces", "scenes", "speech", "speakers"}
PIPELINES = "person_tracking,face_analysis,scene_detection,speech_recognition,speaker_diarization"
CONFIG = {
    "person_tracking": {"frames_per_second": 20},
    "face_analysis": {"frames_per_second": 5},
    "speech_recognition": {"model": "tiny.en"},
}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a woman, who walks, a cut, and what two women say on the telephone."""
    from videoannotator.testing.pictures import moving, photograph, texture
    from videoannotator.testing.speech import telephone_call
    from videoannotator.testing.videos import write_video

    woman = moving(photograph("astronaut"), texture(3, 640, 512), lambda frame: (frame, 0), 55)
    room = moving(texture(4), texture(5, 640, 512), lambda _: (0, 0), 20)
    path = tmp_path_factory.mktemp("visit") / "visit.mp4"
    return write_video(path, [*woman, *room], audio=telephone_call().cut(12.0, 15.0).audio)


@pytest.fixture(scope="module")
def archive(rest_service: Service, video: Path) -> Answer:
    """The zip of a job with every kind of annotation, asked for as the viewer does."""
    rest = Rest(rest_service.url, rest_service.token)
    answer = rest.submit(video, PIPELINES, config=json.dumps(CONFIG))
    assert answer.status == 201, answer
    job = rest.events(f"/api/v1/jobs/{answer.json()['id']}/events")[-1]["data"]["job"]
    assert (job["status"], job["error_message"]) == ("completed", None), json.dumps(job, indent=1)
    return rest.get(f"/api/v1/jobs/{job['id']}/artifacts", headers={"origin": "http://127.0.0.1:19011"})


@pytest.fixture(scope="module")
def files(archive: Answer) -> dict[str, bytes]:
    """The files in the zip, in their order."""
    with zipfile.ZipFile(io.BytesIO(archive.body)) as content:
        return {name: content.read(name) for name in content.namelist()}


@pytest.mark.slow
def test_the_zip_tells_its_length_and_may_be_read_by_the_page(archive: Answer) -> None:
    assert archive.headers["content-type"] == "application/zip"
    assert archive.headers["content-length"] == str(len(archive.body))
    assert archive.headers["access-control-allow-origin"] == "http://127.0.0.1:19011"


@pytest.mark.slow
def test_the_video_is_in_it_once(files: dict[str, bytes], video: Path) -> None:
    [name] = [name for name in files if name.lower().endswith(VIDEOS)]
    assert files[name] == video.read_bytes()


@pytest.mark.slow
def test_every_lane_is_shown(files: dict[str, bytes]) -> None:
    shown = lanes(files)
    assert set(shown) == LANES
    assert len(shown["scenes"]) == 2
    assert {face["face_id"] for face in shown["faces"]} == {1}
    assert {person["person_id"] for person in shown["persons"]} == {"person_001"}
    assert "<v" not in "".join(shown["speech"])
    assert shown["speakers"][0].startswith("SPEAKER_")


@pytest.mark.slow
@pytest.mark.parametrize("stem", ["person 1", "scene_02", "tracking-test", "Gesicht ä"])
def test_the_name_of_the_video_does_not_matter(files: dict[str, bytes], stem: str) -> None:
    assert set(lanes(_renamed(files, stem))) == LANES


@pytest.mark.slow
def test_a_name_that_speaks_of_faces_costs_nothing_but_the_scenes(files: dict[str, bytes]) -> None:
    """Then the viewer takes whatever has boxes with scores near its start for faces."""
    assert set(lanes(_renamed(files, "StillFace_03"))) == LANES - {"scenes"}


@pytest.mark.slow
def test_only_annotations_are_taken_for_annotations(files: dict[str, bytes]) -> None:
    taken = {name: lane_of(name, data) for name, data in files.items() if name.endswith(".json")}
    assert {name.removeprefix("visit_"): lane for name, lane in taken.items()} == {
        "person_tracking.json": "persons",
        "face_analysis.json": "faces",
        "scene_detection.json": "scenes",
        "results.json": None,
        "provenance.json": None,
    }


def _renamed(files: dict[str, bytes], stem: str) -> dict[str, bytes]:
    return {name.replace("visit", stem, 1): data for name, data in files.items()}


@pytest.mark.parametrize("origin", ["http://localhost:19011", "http://127.0.0.1:19011"])
def test_the_viewer_may_call_from_where_it_is_served(rest: Rest, origin: str) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    preflight = rest.call("OPTIONS", "/api/v1/jobs", token="", headers={"origin": origin, **asked})
    assert preflight.headers["access-control-allow-origin"] == origin
    assert {"authorization", "content-type"} <= set(preflight.headers["access-control-allow-headers"].split(","))
    assert {"POST", "DELETE"} <= set(preflight.headers["access-control-allow-methods"].replace(" ", "").split(","))


def test_a_job_has_what_its_pages_show(rest: Rest, finished: dict[str, Any]) -> None:
    [listed] = [
        each for each in rest.get("/api/v1/jobs?page=1&per_page=20").json()["jobs"] if each["id"] == finished["id"]
    ]
    assert (listed["status"], listed["video_filename"], listed["error_message"]) == ("completed", "short.mp4", None)
    assert listed["selected_pipelines"] == ["scene_detection"]
    assert (listed["video_size_bytes"] > 0, listed["video_duration_seconds"]) == (True, 2)
    assert rest.post("/api/v1/config/validate", {"config": listed["config"]}).json()["valid"]


def test_the_panels_of_the_server_find_what_they_show(rest: Rest) -> None:
    health = rest.get("/api/v1/system/health").json()
    assert health["services"]["database"]["status"] == "healthy"
    assert health["worker_info"]["worker_status"] in ("idle", "busy", "overloaded")
    assert health["diagnostics"]["ffmpeg"]["available"] is True
    assert {"database", "storage"} <= set(health["diagnostics"])


def test_no_field_of_a_form_says_null(rest: Rest) -> None:
    """The viewer shows ``min null`` for a limit that is there and null."""
    for pipeline in rest.get("/api/v1/pipelines").json()["pipelines"]:
        drawn = rest.get(f"/api/v1/pipelines/{pipeline['name']}/schema").json()["parameters"]
        assert drawn
        assert all(value is not None for field in drawn for value in field.values())
