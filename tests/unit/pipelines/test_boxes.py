import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from videoannotator.pipelines.boxes import iou, nms, without_merged


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.asarray(rows, np.float32).reshape(-1, 4)


def scores(*values: float) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


@st.composite
def detections(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    count = draw(st.integers(0, 12))
    unit = st.floats(0, 100, width=32)
    corners = draw(arrays(np.float32, (count, 2), elements=unit))
    sides = draw(arrays(np.float32, (count, 2), elements=st.floats(1, 100, width=32)))
    certain = draw(arrays(np.float32, count, elements=st.floats(0, 1, width=32)))
    return np.hstack([corners, corners + sides]).astype(np.float32), certain


def test_overlap_is_intersection_over_union() -> None:
    found = iou(boxes((0, 0, 10, 10)), boxes((0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30)))
    assert found[0] == pytest.approx([1.0, 1 / 3, 0.0])


def test_empty_boxes_overlap_nothing() -> None:
    assert iou(boxes((5, 5, 5, 5)), boxes((5, 5, 5, 5)))[0, 0] == 0


def test_the_best_of_several_boxes_of_one_person_stays() -> None:
    found = nms(boxes((0, 0, 10, 20), (1, 0, 11, 20), (30, 0, 40, 20)), scores(0.5, 0.9, 0.3), 0.5)
    assert found.tolist() == [1, 2]


@given(detections(), st.floats(0, 1))
def test_suppression_keeps_a_maximal_set_without_overlap(
    found: tuple[NDArray[np.float32], NDArray[np.float32]], threshold: float
) -> None:
    rows, certain = found
    kept = nms(rows, certain, threshold)
    overlap = iou(rows, rows)
    assert list(certain[kept]) == sorted(certain[kept], reverse=True)
    for position, index in enumerate(kept):
        assert all(overlap[index, better] <= threshold for better in kept[:position])
    for index in set(range(len(rows))) - set(kept.tolist()):
        assert any(overlap[index, better] > threshold and certain[better] >= certain[index] for better in kept)


@given(detections())
def test_what_is_kept_does_not_change_when_it_is_suppressed_again(
    found: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    rows, certain = found
    kept = nms(rows, certain, 0.5)
    assert nms(rows[kept], certain[kept], 0.5).tolist() == list(range(len(kept)))


def test_a_box_around_two_people_is_dropped() -> None:
    rows = boxes((0, 0, 100, 100), (2, 2, 48, 98), (52, 2, 98, 98))
    assert without_merged(rows, scores(0.6, 0.5, 0.4)).tolist() == [1, 2]


def test_an_adult_holding_a_child_is_not_two_people_in_one_box() -> None:
    rows = boxes((0, 0, 60, 100), (20, 40, 45, 70))
    assert without_merged(rows, scores(0.6, 0.5)).tolist() == [0, 1]


def test_head_and_legs_of_one_person_are_not_two_people() -> None:
    rows = boxes((0, 0, 40, 100), (0, 0, 40, 49), (0, 51, 40, 100))
    assert without_merged(rows, scores(0.6, 0.5, 0.5)).tolist() == [0, 1, 2]


def test_doubtful_boxes_do_not_outvote_a_certain_one() -> None:
    rows = boxes((0, 0, 100, 100), (2, 2, 48, 98), (52, 2, 98, 98))
    assert without_merged(rows, scores(0.9, 0.2, 0.2)).tolist() == [0, 1, 2]


@given(detections())
def test_dropping_merged_boxes_never_drops_all(found: tuple[NDArray[np.float32], NDArray[np.float32]]) -> None:
    rows, certain = found
    kept = without_merged(rows, certain)
    assert bool(len(kept)) == bool(len(rows))
