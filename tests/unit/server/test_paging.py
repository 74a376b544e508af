"""Page sizes and tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from videoannotator_server.paging import decode_token, encode_token, offset, page_size

from videoannotator.errors import InvalidRequestError

KEYS = st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.text())


@given(KEYS)
def test_a_token_gives_back_its_key(key: tuple[float, str]) -> None:
    assert decode_token(encode_token(key)) == key


@given(st.text(min_size=1).filter(lambda text: not text.isascii()))
def test_any_other_text_is_an_invalid_request(token: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        decode_token(token)
    assert [violation.field for violation in error.value.violations] == ["page_token"]


@pytest.mark.parametrize("token", ["x", "%%", "bnVsbA==", "e30=", "WzEsMiwzXQ==", "WyJhIiwiYiJd"])
def test_tokens_of_something_else_are_invalid_requests(token: str) -> None:
    with pytest.raises(InvalidRequestError):
        decode_token(token)


def test_sizes_have_a_default_and_bounds() -> None:
    assert page_size(0) == 20
    assert page_size(100) == 100
    for wrong in (-1, 101):
        with pytest.raises(InvalidRequestError):
            page_size(wrong)


def test_pages_count_from_one() -> None:
    assert [offset(page, 10) for page in (0, 1, 2, 3)] == [0, 0, 10, 20]
    with pytest.raises(InvalidRequestError):
        offset(-1, 10)
