import csv
import io
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from videoannotator.annotations import (
    COCO_KEYPOINTS,
    FACE_LANDMARKS,
    BoundingBox,
    FaceObservation,
    Gender,
    Keypoint,
    PersonObservation,
    Record,
    Scene,
)
from videoannotator.emotions import EMOTIONS
from videoannotator.formats import coco, csv_table, tables
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.results.result import Result
from videoannotator.results.thumbnails import Thumbnails

INFO = MediaInfo(container="mp4", duration=2.0, width=320, height=240, frame_rate=25.0, video_codec="h264")
FRAMES = [(index, index / 25) for index in range(0, 50, 5)]
POSE = tuple(
    Keypoint(0.0, 0.0, 0.0) if index % 5 == 4 else Keypoint(60.123456 + 4 * index, 40.5 + 9 * index, 0.3 + index / 30)
    for index in range(17)
)
PEOPLE = [
    PersonObservation(index, time, track, BoundingBox(50.555 + 80 * number, 30, 90.25, 180), 0.5 + number / 4, joints)
    for index, time in FRAMES[1:]
    for number, (track, joints) in enumerate([(1, POSE), (None, ())])
]
FEELINGS = dict(zip(EMOTIONS, (0.05, 0.0, 0.1, 0.6123456, 0.1, 0.1, 0.0376544), strict=True))
POINTS = tuple((120.123 + 9 * index, 60.5 + index) for index in range(5))
FACES = [
    face
    for index, time in FRAMES[1:]
    for face in (
        FaceObservation(
            index,
            time,
            1,
            BoundingBox(110.555, 40, 60.25, 80),
            0.91234,
            POINTS,
            FEELINGS,
            34.567,
            Gender("female", 0.8),
        ),
        FaceObservation(index, time, None, BoundingBox(10, 40, 30, 40), 0.6),
    )
]
SCENES = [Scene(0, 0.0, 0.9999999, 0, 25), Scene(1, 0.9999999, 2.0, 25, 50)]
PROVENANCE = {"program": {"name": "videoannotator"}, "finished_at": "2025-03-01T12:00:00Z"}


def result(records: Sequence[Record], record: type[Record]) -> Result:
    thumbnails = Thumbnails()
    for index, time in FRAMES:
        thumbnails.add(Frame(index, time, np.full((240, 320, 3), 90, np.uint8)), notable=index == 25)
    return Result("clip", INFO, "pipeline", record, records, FRAMES, thumbnails, PROVENANCE)


def load_coco(path: Path) -> COCO:
    with redirect_stdout(io.StringIO()):
        return COCO(str(path))


def persons(tmp_path: Path, records: Sequence[Record] = PEOPLE) -> Path:
    path = tmp_path / "clip_person_tracking.json"
    coco.write_persons(result(records, PersonObservation), path)
    return path


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def accepted_by_the_viewer(entry: dict[str, Any]) -> bool:
    """The rules of Video Annotation Viewer: one annotation that breaks them makes it refuse the file."""
    return (
        is_number(entry["id"])
        and isinstance(entry["image_id"], str)
        and is_number(entry["category_id"])
        and len(entry["keypoints"]) == 51
        and all(is_number(value) for value in entry["keypoints"])
        and 0 <= entry["num_keypoints"] <= 17
        and len(entry["bbox"]) == 4
        and entry["area"] >= 0
        and entry["iscrowd"] in (0, 1)
        and 0 <= entry["score"] <= 1
        and (entry["track_id"] is None or is_number(entry["track_id"]))
        and entry["timestamp"] >= 0
        and entry["frame_number"] >= 0
        and all(isinstance(entry[key], str) for key in ("person_id", "person_label", "labeling_method"))
        and is_number(entry["label_confidence"])
    )


def test_persons_load_with_pycocotools(tmp_path: Path) -> None:
    loaded = load_coco(persons(tmp_path))
    assert len(loaded.getImgIds()) == len(FRAMES)
    assert len(loaded.getAnnIds(imgIds=["clip_frame_000005"])) == 2
    category = loaded.loadCats(loaded.getCatIds(catNms=["person"]))[0]
    assert category["keypoints"] == list(COCO_KEYPOINTS)
    assert np.asarray(category["skeleton"]).min() == 1


def test_pycocotools_evaluates_persons_against_themselves(tmp_path: Path) -> None:
    from pycocotools.cocoeval import COCOeval

    path = persons(tmp_path, [person for person in PEOPLE if person.keypoints])
    truth = load_coco(path)
    with redirect_stdout(io.StringIO()):
        found = truth.loadRes(json.loads(path.read_text())["annotations"])
        evaluation = COCOeval(truth, found, "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_the_viewer_accepts_every_person(tmp_path: Path) -> None:
    entries = json.loads(persons(tmp_path).read_text())["annotations"]
    assert len(entries) == len(PEOPLE)
    assert all(accepted_by_the_viewer(entry) for entry in entries)
    without_pose = [entry for entry in entries if entry["track_id"] is None]
    assert all(entry["keypoints"] == [0] * 51 and entry["num_keypoints"] == 0 for entry in without_pose)


def test_an_unseen_joint_is_three_zeros_and_a_seen_one_is_visible(tmp_path: Path) -> None:
    entry = json.loads(persons(tmp_path).read_text())["annotations"][0]
    rows = np.reshape(entry["keypoints"], (17, 3))
    assert (rows[4] == 0).all()
    assert rows[0].tolist() == [60.12, 40.5, 2]
    assert entry["num_keypoints"] == int((rows[:, 2] > 0).sum()) == 14


def test_a_video_without_people_is_still_a_valid_file(tmp_path: Path) -> None:
    loaded = load_coco(persons(tmp_path, []))
    assert (len(loaded.getAnnIds()), len(loaded.getImgIds())) == (0, len(FRAMES))


def faces(tmp_path: Path, records: Sequence[Record] = FACES) -> Path:
    path = tmp_path / "clip_face_analysis.json"
    coco.write_faces(result(records, FaceObservation), path)
    return path


def test_faces_load_with_pycocotools(tmp_path: Path) -> None:
    loaded = load_coco(faces(tmp_path))
    assert len(loaded.getImgIds()) == len(FRAMES)
    [category] = loaded.getCatIds(catNms=["face"])
    first, second = loaded.loadAnns(loaded.getAnnIds(imgIds=["clip_frame_000005"], catIds=[category]))
    assert (first["track_id"], first["emotion"], first["age"], first["gender"]) == (1, "happy", 34.6, "female")
    assert sum(first["emotion_scores"].values()) == pytest.approx(1, abs=1e-3)
    assert first["landmarks"]["nose"] == [138.12, 62.5]
    assert second["track_id"] is None
    assert not {"emotion", "age", "gender", "embedding"} & second.keys()
    assert len(load_coco(faces(tmp_path, [])).getImgIds()) == len(FRAMES)


def test_pycocotools_evaluates_faces_against_themselves(tmp_path: Path) -> None:
    from pycocotools.cocoeval import COCOeval

    truth = load_coco(faces(tmp_path))
    with redirect_stdout(io.StringIO()):
        found = truth.loadRes(json.loads(faces(tmp_path).read_text())["annotations"])
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_the_viewer_takes_the_file_for_faces_and_shows_every_one(tmp_path: Path) -> None:
    """The rules of Video Annotation Viewer: what it looks for at the start of the file, and in each face."""
    path = faces(tmp_path)
    assert '"face_id"' in path.read_text()[:8000]
    assert "face_analysis" in path.name
    entries = json.loads(path.read_text())["annotations"]
    assert len(entries) == len(FACES)
    for entry in entries:
        assert is_number(entry["face_id"])
        assert len(entry["bbox"]) == 4
        assert entry["timestamp"] >= 0
        assert isinstance(entry["attributes"]["emotions"], dict)
        assert "keypoints" not in entry
    emotions = entries[0]["attributes"]["emotions"]
    assert set(emotions) == set(EMOTIONS)
    assert emotions["happy"] == {"score": 0.6123, "rank": 1, "raw_score": 0.6123}
    assert sorted(emotion["rank"] for emotion in emotions.values()) == list(range(1, 8))


def test_an_embedding_is_written_if_there_is_one(tmp_path: Path) -> None:
    numbers = tuple(index / 1024 for index in range(1024))
    face = FaceObservation(5, 0.2, 1, BoundingBox(10, 40, 30, 40), 0.6, embedding=numbers)
    [entry] = json.loads(faces(tmp_path, [face]).read_text())["annotations"]
    assert entry["embedding"] == pytest.approx(numbers, abs=1e-5)


def test_scenes_are_coco_and_a_list_for_the_viewer(tmp_path: Path) -> None:
    path = tmp_path / "clip_scene_detection.json"
    coco.write_scenes(result(SCENES, Scene), path)
    loaded = load_coco(path)
    images = loaded.loadImgs(loaded.getImgIds())
    assert [(image["frame_number"], image["timestamp"]) for image in images] == [(10, 0.4), (35, 1.4)]
    scenes = json.loads(path.read_text())["scenes"]
    assert [(scene["start_time"], scene["end_time"]) for scene in scenes] == [(0.0, 1.0), (1.0, 2.0)]
    assert all(scene["duration"] > 0 for scene in scenes)


@pytest.mark.parametrize(("write", "records", "kind"), [
    (coco.write_persons, PEOPLE, PersonObservation), (coco.write_faces, FACES, FaceObservation),
    (coco.write_scenes, SCENES, Scene),
])  # fmt: skip
def test_every_coco_file_carries_its_provenance(write: Any, records: Any, kind: Any, tmp_path: Path) -> None:
    write(result(records, kind), tmp_path / "x.json")
    info = json.loads((tmp_path / "x.json").read_text())["info"]
    assert info["provenance"] == PROVENANCE
    assert (info["year"], info["date_created"]) == (2025, "2025-03-01T12:00:00Z")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_persons_survive_the_round_trip_through_csv(tmp_path: Path) -> None:
    csv_table.write(tables.PEOPLE, result(PEOPLE, PersonObservation), tmp_path / "p.csv")
    rows = read(tmp_path / "p.csv")
    assert tuple(rows[0]) == tables.PEOPLE.names
    for row, person in zip(rows, PEOPLE, strict=True):
        assert (int(row["frame"]), row["track_id"]) == (person.frame, str(person.track_id or ""))
        assert float(row["time"]) == pytest.approx(person.time, abs=1e-6)
        sides = [float(row[side]) for side in ("x", "y", "width", "height")]
        assert sides == pytest.approx([person.box.x, person.box.y, person.box.width, person.box.height], abs=0.006)
        assert float(row["score"]) == pytest.approx(person.score, abs=1e-4)


def test_keypoints_are_one_row_each_and_name_their_person(tmp_path: Path) -> None:
    csv_table.write(tables.KEYPOINTS, result(PEOPLE, PersonObservation), tmp_path / "k.csv")
    rows = read(tmp_path / "k.csv")
    posed = [person for person in PEOPLE if person.keypoints]
    assert len(rows) == 17 * len(posed)
    assert [row["keypoint"] for row in rows[:17]] == list(COCO_KEYPOINTS)
    assert (rows[4]["x"], float(rows[4]["score"])) == ("", 0)
    assert float(rows[1]["x"]) == pytest.approx(POSE[1].x, abs=0.006)
    assert {row["annotation_id"] for row in rows} == {str(2 * number + 1) for number in range(len(posed))}


def test_faces_survive_the_round_trip_through_csv(tmp_path: Path) -> None:
    csv_table.write(tables.FACES, result(FACES, FaceObservation), tmp_path / "f.csv")
    rows = read(tmp_path / "f.csv")
    assert tuple(rows[0]) == tables.FACES.names
    for row, face in zip(rows, FACES, strict=True):
        assert (int(row["frame"]), row["track_id"]) == (face.frame, str(face.track_id or ""))
        assert float(row["time"]) == pytest.approx(face.time, abs=1e-6)
        sides = [float(row[side]) for side in ("x", "y", "width", "height")]
        assert sides == pytest.approx([face.box.x, face.box.y, face.box.width, face.box.height], abs=0.006)
        assert float(row["score"]) == pytest.approx(face.score, abs=1e-4)
    first, second = rows[:2]
    assert first["emotion"] == "happy"
    assert {name: float(first[name]) for name in EMOTIONS} == pytest.approx(FEELINGS, abs=1e-4)
    assert (first["age"], first["gender"], first["gender_score"]) == ("34.6", "female", "0.8000")
    points = [(float(first[f"{name}_x"]), float(first[f"{name}_y"])) for name in FACE_LANDMARKS]
    assert np.asarray(points) == pytest.approx(np.asarray(POINTS), abs=0.006)
    assert not any(second[name] for name in ("emotion", *EMOTIONS, "age", "gender", "gender_score", "nose_x"))


def test_scenes_survive_the_round_trip_through_csv(tmp_path: Path) -> None:
    csv_table.write(tables.SCENES, result(SCENES, Scene), tmp_path / "s.csv")
    rows = read(tmp_path / "s.csv")
    assert [(row["scene"], row["start"], row["end"]) for row in rows] == [
        ("1", "0.000000", "1.000000"),
        ("2", "1.000000", "2.000000"),
    ]


def test_the_same_records_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        coco.write_persons(result(PEOPLE, PersonObservation), folder / "p.json")
        csv_table.write(tables.KEYPOINTS, result(PEOPLE, PersonObservation), folder / "k.csv")
        coco.write_faces(result(FACES, FaceObservation), folder / "f.json")
        csv_table.write(tables.FACES, result(FACES, FaceObservation), folder / "f.csv")
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
