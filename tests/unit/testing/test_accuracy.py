import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.testing.accuracy import word_error_rate

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
