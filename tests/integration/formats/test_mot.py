from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.support.results import ANY_PERSON, FACES, PEOPLE, quick, result
from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation
from videoannotator.formats import mot

COLUMNS = ["frame", "id", "bb_left", "bb_top", "bb_width", "bb_height", "conf", "x", "y", "z"]


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, header=None, names=COLUMNS)


def test_frames_and_pixels_are_counted_from_one(tmp_path: Path) -> None:
    person = PersonObservation(0, 0.0, 3, BoundingBox(0.0, 9.5, 20, 30.25), 0.5)
    mot.write(result(PersonObservation, [person]), tmp_path / "mot.txt")
    assert (tmp_path / "mot.txt").read_text() == "1,3,1.00,10.50,20.00,30.25,0.5000,-1,-1,-1\n"


def test_boxes_without_identity_are_left_out(tmp_path: Path) -> None:
    mot.write(result(PersonObservation, PEOPLE), tmp_path / "mot.txt")
    table = read(tmp_path / "mot.txt")
    assert set(table["id"]) == {1, 12}
    assert len(table) == sum(person.track_id is not None for person in PEOPLE)
    assert not table.duplicated(["frame", "id"]).any()


def test_faces_can_be_scored_too_and_nothing_is_an_empty_file(tmp_path: Path) -> None:
    mot.write(result(FaceObservation, FACES), tmp_path / "mot.txt")
    assert len(read(tmp_path / "mot.txt")) == len(FACES)
    mot.write(result(FaceObservation), tmp_path / "mot.txt")
    assert (tmp_path / "mot.txt").read_bytes() == b""


@quick
@given(st.lists(ANY_PERSON.filter(lambda person: person.track_id is not None), min_size=1, max_size=5))
def test_boxes_come_back(tmp_path: Path, people: list[PersonObservation]) -> None:
    mot.write(result(PersonObservation, people), tmp_path / "mot.txt")
    table = read(tmp_path / "mot.txt")
    assert table["frame"].tolist() == [person.frame + 1 for person in people]
    assert all(abs(left - 1 - person.box.x) < 0.006 for left, person in zip(table["bb_left"], people, strict=True))
