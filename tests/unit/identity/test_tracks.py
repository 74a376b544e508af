import csv
import json
from collections.abc import Sequence
from pathlib import Path

from tests.unit.identity.test_faces import body, face, head, person, ticks
from videoannotator.annotations import FaceObservation, PersonObservation, Record, Scene, SpeakerTurn
from videoannotator.export import tracks
from videoannotator.formats import coco, csv_table
from videoannotator.formats.tables import FACES as FACE_TABLE
from videoannotator.identity import Identities, Link, Seen, identify
from videoannotator.media.info import MediaInfo
from videoannotator.results.result import NoThumbnails, Result

TIMES = ticks(5)
FRAMES = [(round(time * 1000), time) for time in TIMES]
PERSONS = Seen([person(time, 3, body(0)) for time in TIMES], FRAMES)
FACES = Seen([face(time, 1, head(body(0))) for time in TIMES[:10]], FRAMES)


def rows(identities: Identities, path: Path) -> list[dict[str, str]]:
    tracks.write(identities, path / "tracks.csv")
    with (path / "tracks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_for_everyone_says_when_they_were_there_and_to_whom_they_belong(tmp_path: Path) -> None:
    turns = [SpeakerTurn(0, 0.0, 1.5, "SPEAKER_00"), SpeakerTurn(1, 2.0, 3.0, "SPEAKER_00")]
    one, two, three = rows(identify(PERSONS, FACES, turns), tmp_path)
    assert one == {
        "kind": "person", "id": "person_003", "track_id": "3", "first_seen": "0.000000", "last_seen": "3.800000",
        "seconds": "4.000", "frames": "20", "person_id": "person_003", "face_id": "", "link_confidence": "",
        "link_rule": "",
    }  # fmt: skip
    assert two == {
        "kind": "face", "id": "face_001", "track_id": "1", "first_seen": "0.000000", "last_seen": "1.800000",
        "seconds": "2.000", "frames": "10", "person_id": "person_003", "face_id": "face_001",
        "link_confidence": "1.0000", "link_rule": "face_inside_person",
    }  # fmt: skip
    assert three == {
        "kind": "speaker", "id": "SPEAKER_00", "track_id": "", "first_seen": "0.000000", "last_seen": "3.000000",
        "seconds": "2.500", "frames": "", "person_id": "person_003", "face_id": "face_001",
        "link_confidence": "1.0000", "link_rule": "only_one_visible_while_speaking",
    }  # fmt: skip


def test_a_speaker_can_belong_to_a_face_on_nobody() -> None:
    turns = [SpeakerTurn(0, 0.0, 1.5, "SPEAKER_00")]
    _, speaker = identify(faces=FACES, turns=turns).tracks
    assert speaker.link == Link(None, 1, 1.0, "only_one_visible_while_speaking")


def test_a_person_with_two_faces_is_one_person() -> None:
    """A face that was lost and found again under another id."""
    again = [face(time, 1 if time < 2 else 2, head(body(0))) for time in TIMES]
    found = identify(PERSONS, Seen(again, FRAMES), [SpeakerTurn(0, 0.0, 3.5, "SPEAKER_00")])
    assert {number: link.person for number, link in found.faces.items()} == {1: 3, 2: 3}
    assert found.tracks[-1].link == Link(3, None, 1.0, "only_one_visible_while_speaking")


def test_links_can_be_switched_off() -> None:
    found = identify(PERSONS, FACES, link_faces=False)
    assert found.faces == {}
    assert [track.link for track in found.tracks] == [None, None]


def test_nobody_at_all_is_a_table_without_rows(tmp_path: Path) -> None:
    assert rows(identify(), tmp_path) == []
    nobody = identify(Seen([], []), Seen([], [(0, 0.0)]))
    assert nobody == Identities()
    assert rows(nobody, tmp_path) == []


def test_whoever_has_no_id_is_in_no_row() -> None:
    found = identify(Seen([person(0.0, None, body(0))], [(0, 0.0)]), Seen([face(0.0, None, head(body(0)))], [(0, 0.0)]))
    assert found.tracks == ()


def result(kind: type, records: Sequence[Record], **config: bool) -> Result:
    info = MediaInfo(container="mp4", duration=4.0, width=640, height=480, frame_rate=5.0, video_codec="h264")
    provenance = {"finished_at": "2025-03-01T00:00:00Z", "pipeline": {"config": config}}
    return Result("clip", info, kind.__name__, kind, records, FRAMES, NoThumbnails(), provenance)


def test_files_of_faces_name_the_person(tmp_path: Path) -> None:
    found = [result(PersonObservation, PERSONS.records), result(FaceObservation, FACES.records)]
    [persons, faces], identities = tracks.identified(found)
    assert (persons.links, faces.links) == ({}, identities.faces)
    coco.write_faces(faces, tmp_path / "faces.json")
    coco.write_persons(persons, tmp_path / "persons.json")
    first, owner = (
        json.loads((tmp_path / name).read_text())["annotations"][0] for name in ("faces.json", "persons.json")
    )
    assert first["person_id"] == owner["person_id"] == "person_003"
    assert first["person_link_confidence"] == 1.0
    csv_table.write(FACE_TABLE, faces, tmp_path / "faces.csv")
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["person_id"], row["person_link_confidence"]) == ("person_003", "1.0000")


def test_link_to_persons_is_the_users_choice(tmp_path: Path) -> None:
    unwanted = result(FaceObservation, FACES.records, link_to_persons=False)
    [_, faces], identities = tracks.identified([result(PersonObservation, PERSONS.records), unwanted])
    assert (faces.links, identities.faces) == ({}, {})
    coco.write_faces(faces, tmp_path / "faces.json")
    assert "person_id" not in (tmp_path / "faces.json").read_text()


def test_scenes_alone_have_no_identities() -> None:
    assert not tracks.has_identities([result(Scene, [])])
    assert tracks.has_identities([result(Scene, []), result(SpeakerTurn, [])])
