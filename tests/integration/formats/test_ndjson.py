import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.results import ANY, EVERYTHING, FRAMES, PEOPLE, TIMES, quick, result
from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation, Record, SpeakerTurn, Utterance
from videoannotator.errors import InvalidRequestError, RecordTypeMissingError
from videoannotator.formats import ndjson
from videoannotator.results.result import Result


def round_trip(folder: Path, *results: Result) -> list[Result]:
    ndjson.write(results, folder / "r.ndjson")
    return ndjson.read(folder / "r.ndjson")


@pytest.mark.parametrize("record", EVERYTHING, ids=lambda record: record.__name__)
def test_every_record_comes_back(record: type[Record], tmp_path: Path) -> None:
    written = result(record, EVERYTHING[record])
    [read] = round_trip(tmp_path, written)
    assert list(read.records) == EVERYTHING[record]
    assert list(read.frames) == FRAMES
    same = ("video", "info", "pipeline", "record", "provenance")
    assert all(getattr(read, name) == getattr(written, name) for name in same)


def test_a_pipeline_of_several_types_is_one_file(tmp_path: Path) -> None:
    said, turns = round_trip(
        tmp_path, result(Utterance, EVERYTHING[Utterance]), result(SpeakerTurn, EVERYTHING[SpeakerTurn])
    )
    assert (said.record, list(said.records)) == (Utterance, EVERYTHING[Utterance])
    assert (turns.record, list(turns.records)) == (SpeakerTurn, EVERYTHING[SpeakerTurn])


def test_a_file_of_the_first_alpha_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faces.ndjson"
    face = FaceObservation(5, 0.2, 1, BoundingBox(10, 40, 30, 40), 0.6, embedding=(0.6, 0.8))
    ndjson.write([result(FaceObservation, [face])], path)
    assert '"embedding"' in path.read_text()
    path.write_text(path.read_text().replace('"embedding"', '"descriptor"'))
    assert list(ndjson.read(path)[0].records) == [face]


def test_nothing_found_keeps_its_type_and_its_frames(tmp_path: Path) -> None:
    [read] = round_trip(tmp_path, result(PersonObservation))
    assert (read.record, len(read.records), list(read.frames)) == (PersonObservation, 0, FRAMES)
    assert list(read.thumbnails.pictures) == []


@quick
@given(st.data())
def test_any_records_come_back_number_for_number(tmp_path: Path, data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(list(ANY)))
    found = data.draw(st.lists(ANY[record], max_size=5))
    frames = data.draw(st.lists(st.tuples(st.integers(0, 10**9), TIMES), max_size=5))
    [read] = round_trip(tmp_path, replace(result(record, found), frames=frames))
    assert list(read.records) == found
    assert list(read.frames) == frames


def test_records_can_be_picked_and_sliced(tmp_path: Path) -> None:
    [read] = round_trip(tmp_path, result(PersonObservation, PEOPLE))
    assert read.records[3] == PEOPLE[3]
    assert read.records[-1] == PEOPLE[-1]
    assert list(read.records[2:9:3]) == PEOPLE[2:9:3]
    with pytest.raises(IndexError):
        read.records[len(PEOPLE)]


def test_every_line_says_what_it_is(tmp_path: Path) -> None:
    round_trip(tmp_path, result(SpeakerTurn, EVERYTHING[SpeakerTurn]))
    lines = [json.loads(line) for line in (tmp_path / "r.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [line["type"] for line in lines] == ["header", *["frame"] * len(FRAMES), *["turn"] * 3]
    assert lines[0]["schema_version"] == 1
    assert lines[-1] == {"type": "turn", "index": 2, "start": 2.5004, "end": 2.5004, "speaker": "SPEAKER_00"}


def test_pandas_reads_it_line_by_line(tmp_path: Path) -> None:
    round_trip(tmp_path, result(SpeakerTurn, EVERYTHING[SpeakerTurn]))
    table = pd.read_json(tmp_path / "r.ndjson", lines=True)
    turns = table[table["type"] == "turn"]
    assert turns["speaker"].tolist() == [turn.speaker for turn in EVERYTHING[SpeakerTurn]]
    assert turns["start"].tolist() == [turn.start for turn in EVERYTHING[SpeakerTurn]]


def test_hours_of_video_do_not_stand_in_memory(tmp_path: Path) -> None:
    class Many(list[Any]):
        def __iter__(self) -> Any:
            return (PEOPLE[0] for _ in range(20_000))

    tracemalloc.start()
    ndjson.write([result(PersonObservation, Many())], tmp_path / "r.ndjson")
    [read] = ndjson.read(tmp_path / "r.ndjson")
    count = sum(1 for _ in read.records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert (tmp_path / "r.ndjson").stat().st_size > 15_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda data: b"", "not a file of records"),
        (lambda data: b'{"images": []}\n', "not a file of records"),
        (lambda data: data.replace(b'"video":"clip"', b'"video":7', 1), "damaged in line 1"),
        (lambda data: data[:-30], "damaged in line 24"),
        (lambda data: data.replace(b'"frame":5,', b'"frame":five,'), "damaged in line 3"),
        (lambda data: data.replace(b'"type":"turn"', b'"type":"tune"', 1), "damaged in line 22"),
        (lambda data: data.replace(b'"schema_version":1', b'"schema_version":2'), "a newer version"),
    ],
)
def test_a_damaged_file_is_told_from_a_whole_one(damage: Any, complaint: str, tmp_path: Path) -> None:
    round_trip(tmp_path, result(SpeakerTurn, EVERYTHING[SpeakerTurn]))
    path = tmp_path / "r.ndjson"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InvalidRequestError, match=f"r.ndjson .*{complaint}"):
        ndjson.read(path)


def test_records_of_a_plugin_that_is_not_installed_are_told_from_damage(tmp_path: Path) -> None:
    round_trip(tmp_path, result(SpeakerTurn, EVERYTHING[SpeakerTurn], pipeline="nose"))
    path = tmp_path / "r.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"records":["turn"]', b'"records":["smell"]'))
    with pytest.raises(RecordTypeMissingError, match=r"r\.ndjson holds records of the type 'smell'") as caught:
        ndjson.read(path)
    assert "'nose'" in str(caught.value.hint)
    assert caught.value.detail == {"record_type": "smell", "pipeline": "nose"}


def test_damage_inside_of_a_record_is_found_when_it_is_used(tmp_path: Path) -> None:
    round_trip(tmp_path, result(SpeakerTurn, EVERYTHING[SpeakerTurn]))
    path = tmp_path / "r.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"start":0.9', b'"start":[1]'))
    [read] = ndjson.read(path)
    with pytest.raises(InvalidRequestError, match="cannot be read"):
        list(read.records)
