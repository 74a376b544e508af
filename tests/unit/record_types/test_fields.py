"""Columns come from the fields of a record."""

from tests.support.declared import Gesture, Hand, hand
from videoannotator.record_types.fields import Column, columns


def test_a_column_for_each_field_and_for_each_field_of_a_field() -> None:
    assert [each.column for each in columns(Hand)] == [
        Column("frame", "integer"),
        Column("time", "number", 6, "s"),
        Column("track_id", "integer"),
        Column("x", "number", 2, "px"),
        Column("y", "number", 2, "px"),
        Column("width", "number", 2, "px"),
        Column("height", "number", 2, "px"),
        Column("score", "number", 4),
        Column("wrist_x", "number", 2, "px"),
        Column("wrist_y", "number", 2, "px"),
        Column("angle", "number", 2, "deg"),
        Column("shape", "text"),
        Column("sure", "integer"),
    ]
    assert [each.column.name for each in columns(Gesture)] == ["start", "end", "kind"]


def test_values_are_those_of_the_record() -> None:
    found = hand(0.2, track=None, shape=None)
    values = {each.column.name: each.value(found) for each in columns(Hand)}
    assert values["wrist_x"] == 70.0
    assert (values["track_id"], values["shape"], values["sure"]) == (None, None, 1)
