"""CSV and Parquet are the same tables; pandas reads both."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.results import ANY, EVERYTHING, TURNS, UTTERANCES, by_start, quick, result
from videoannotator.annotations import RECORDS, FaceObservation, PersonObservation, Record, SpeakerTurn, Utterance
from videoannotator.formats import csv_table, parquet
from videoannotator.formats.tables import TURNS as TURN_TABLE
from videoannotator.formats.tables import UTTERANCES as UTTERANCE_TABLE
from videoannotator.formats.tables import WORDS, Table, tables_of
from videoannotator.formats.text_utils import one_line

KINDS = {"integer": "Int64", "number": "float64", "text": "str"}
EACH_TABLE = [(record, table) for record in RECORDS for table in tables_of(record)]
NAMES = [f"{record.__name__}{table.suffix}" for record in RECORDS for table in record.record_type.tables]


def from_csv(folder: Path, table: Table, record: type[Record], records: list[Any]) -> pd.DataFrame:
    csv_table.write(table, result(record, records), folder / "table.csv")
    kinds: Any = {column.name: KINDS[column.kind] for column in table.columns}
    return pd.read_csv(folder / "table.csv", dtype=kinds, keep_default_na=False, na_values={
        column.name: [""] for column in table.columns if column.kind != "text"
    })  # fmt: skip


def from_parquet(folder: Path, table: Table, record: type[Record], records: list[Any]) -> pd.DataFrame:
    parquet.write(table, result(record, records), folder / "table.parquet")
    return pd.read_parquet(folder / "table.parquet")


def known(column: "pd.Series[Any]") -> list[Any]:
    return [None if pd.isna(value) or value == "" else value for value in column]


@pytest.mark.parametrize(("record", "table"), EACH_TABLE, ids=NAMES)
def test_both_hold_the_same_numbers(record: type[Record], table: Table, tmp_path: Path) -> None:
    text = from_csv(tmp_path, table, record, EVERYTHING[record])
    exact = from_parquet(tmp_path, table, record, EVERYTHING[record])
    assert tuple(text.columns) == tuple(exact.columns) == table.names
    assert len(text) == len(exact) > 0
    for column in table.columns:
        one, other = text[column.name], exact[column.name]
        if column.kind == "number":
            assert other.dtype == "float64"
            assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=0.51 * 10**-column.digits, nan_ok=True)
        else:
            assert known(one) == known(other)


@pytest.mark.parametrize(("record", "table"), EACH_TABLE, ids=NAMES)
def test_nothing_found_is_a_table_without_rows(record: type[Record], table: Table, tmp_path: Path) -> None:
    for read in (from_csv, from_parquet):
        empty = read(tmp_path, table, record, [])
        assert (len(empty), tuple(empty.columns)) == (0, table.names)


def test_parquet_has_real_types(tmp_path: Path) -> None:
    import pyarrow.parquet

    faces = tables_of(FaceObservation)[0]
    from_parquet(tmp_path, faces, FaceObservation, EVERYTHING[FaceObservation])
    schema = pyarrow.parquet.read_schema(tmp_path / "table.parquet")
    assert {name: str(schema.field(name).type) for name in ("track_id", "time", "emotion", "age")} == {
        "track_id": "int64", "time": "double", "emotion": "string", "age": "double",
    }  # fmt: skip


def test_what_is_said_by_whom(tmp_path: Path) -> None:
    said = from_parquet(tmp_path, UTTERANCE_TABLE, Utterance, UTTERANCES)
    assert said["text"].tolist() == [each.text for each in UTTERANCES]
    assert said["speaker"].fillna("?").tolist() == ["SPEAKER_00", "SPEAKER_01", "?"]
    words = from_csv(tmp_path, WORDS, Utterance, UTTERANCES)
    assert words.to_dict("records")[1] == {
        "word": 2, "utterance": 1, "start": 0.5, "end": 1.0005, "duration": 0.5005, "speaker": "SPEAKER_00",
        "score": 0.8, "text": "Gott!",
    }  # fmt: skip


def test_turns_that_overlap_are_rows_like_others(tmp_path: Path) -> None:
    turns = from_csv(tmp_path, TURN_TABLE, SpeakerTurn, TURNS)
    assert turns["turn"].tolist() == [1, 2, 3]
    assert turns["start"].tolist() == [0.1, 0.9, 2.5004]


@quick
@given(st.data())
def test_parquet_is_exact(tmp_path: Path, data: st.DataObject) -> None:
    people = data.draw(st.lists(ANY[PersonObservation], min_size=1, max_size=5))
    frame = from_parquet(tmp_path, tables_of(PersonObservation)[0], PersonObservation, people)
    assert frame["time"].tolist() == [person.time for person in people]
    assert frame["x"].tolist() == [person.box.x for person in people]
    said = by_start(data.draw(st.lists(ANY[Utterance], min_size=1, max_size=5)))
    assert from_parquet(tmp_path, UTTERANCE_TABLE, Utterance, said)["text"].tolist() == [each.text for each in said]


@quick
@given(st.lists(ANY[Utterance], min_size=1, max_size=5))
def test_csv_holds_any_text_in_one_line_and_no_stretch_ends_before_it_starts(
    tmp_path: Path, said: list[Utterance]
) -> None:
    rows = from_csv(tmp_path, UTTERANCE_TABLE, Utterance, said)
    assert (rows["end"] >= rows["start"]).all()
    assert rows["text"].tolist() == [one_line(each.text) for each in said]


def test_more_rows_than_stand_in_memory_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 7)
    people = EVERYTHING[PersonObservation]
    frame = from_parquet(tmp_path, tables_of(PersonObservation)[0], PersonObservation, people)
    assert frame["time"].tolist() == [person.time for person in people]
