import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.annotations import BoundingBox
from videoannotator.testing.accuracy import TrackingScore, overlap, word_error_rate

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("heard", "rate"),
    [
        ("Oh, hello. I didn't know!", 0.0),
        ("oh hello i didn’t KNOW", 0.0),
        ("hello I didn't know", 1 / 5),
        ("oh hello hello I didn't know", 1 / 5),
        ("oh hollow I didn't know", 1 / 5),
        ("", 1.0),
        ("one two three four five six seven", 7 / 5),
    ],
)
def test_words_that_are_wrong_missing_or_too_many_count(heard: str, rate: float) -> None:
    assert word_error_rate("Oh hello, I didn't know.", heard) == pytest.approx(rate)


@pytest.mark.parametrize(("reference", "heard"), [("Grüß Gott", "gruss gott"), ("你好 吗", "你好")])
def test_words_of_other_scripts_are_words(reference: str, heard: str) -> None:
    assert word_error_rate(reference, heard) == 0.5


def test_there_must_be_something_to_compare_with() -> None:
    with pytest.raises(ValueError, match="no words"):
        word_error_rate("...", "anything")


@given(WORDS, WORDS)
def test_no_more_words_are_wrong_than_there_are(reference: str, heard: str) -> None:
    wrong = round(word_error_rate(reference, heard) * len(reference.split()))
    assert wrong <= max(len(reference.split()), len(heard.split()))
    assert (wrong == 0) == (reference == heard)


BOX = BoundingBox(10, 10, 20, 20)
FAR = BoundingBox(100, 100, 20, 20)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (BOX, 1.0),
        (FAR, 0.0),
        (BoundingBox(20, 10, 20, 20), 1 / 3),
        (BoundingBox(10, 10, 20, 10), 0.5),
        (BoundingBox(0, 0, 0, 0), 0.0),
    ],
)
def test_overlap_is_the_intersection_over_the_union(other: BoundingBox, expected: float) -> None:
    assert overlap(BOX, other) == overlap(other, BOX) == pytest.approx(expected)


def test_whoever_is_found_counts_once() -> None:
    followed = TrackingScore()
    followed.add({"ann": BOX, "ben": FAR}, [(BOX, 1), (BoundingBox(11, 10, 20, 20), 2)])
    assert (followed.there, followed.found, followed.seen) == (2, 1, 2)
    assert (followed.recall, followed.precision) == (0.5, 0.5)


def test_a_new_identity_of_the_same_person_is_a_switch() -> None:
    followed = TrackingScore()
    for track in (1, 1, None, 1, 2, 2):
        followed.add({"ann": BOX}, [(BOX, track)])
    assert followed.switches == 1


def test_nobody_there_and_nobody_found_is_perfect() -> None:
    followed = TrackingScore()
    followed.add({}, [])
    assert (followed.recall, followed.precision, followed.switches) == (1.0, 1.0, 0)
