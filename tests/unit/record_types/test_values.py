"""Records that a plugin makes are looked at before any file is written."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.declared import Gesture, Hand, Point, hand
from videoannotator.record_types.values import first_problem


def test_records_that_hold_what_they_promise_have_no_problem() -> None:
    assert first_problem(Hand, [hand(0.0), hand(0.2, None, None)]) == ""
    assert first_problem(Hand, [replace(hand(0.0), score=1, angle=np.float64(2.5))]) == ""
    assert first_problem(Gesture, [Gesture(0.0, 2.0, "wave"), Gesture(1.0, 1.0, "nod")]) == ""


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"score": float("nan")}, "score"),
        ({"wrist": Point(float("inf"), 0.0)}, "wrist.x"),
        ({"score": np.float32(0.5)}, "float32"),
        ({"track_id": np.int64(3)}, "int64"),
        ({"shape": "flat"}, "shape"),
        ({"wrist": None}, "wrist"),
    ],
)
def test_a_value_that_no_file_can_hold_is_named(changes: dict[str, Any], problem: str) -> None:
    found = first_problem(Hand, [hand(0.0), replace(hand(0.2), **changes)])
    assert found.startswith("produced a Hand that cannot be written (record 2): ")
    assert problem in found


def test_records_come_in_the_order_of_their_times() -> None:
    assert "before an earlier one (record 2)" in first_problem(Hand, [hand(0.2), hand(0.0)])
    assert "ends before it starts (record 1)" in first_problem(Gesture, [Gesture(2.0, 1.0, "wave")])


def test_a_record_of_another_class_is_named() -> None:
    assert "a Gesture that it does not declare" in first_problem(Hand, [hand(0.0), Gesture(0.0, 1.0, "wave")])
