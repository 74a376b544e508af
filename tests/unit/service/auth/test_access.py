"""The text of tokens, and what scopes allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.errors import ForbiddenError, UnauthorizedError
from videoannotator.service.auth.access import ANYBODY, Principal, Scope, TokenText


def test_a_token_is_told_back_from_its_text() -> None:
    token = TokenText.new()
    assert TokenText.parse(str(token)) == token
    assert str(token).startswith(f"va_{token.id}_")
    assert len(token.secret) * 4 >= 160
    assert token.secret not in token.digest


def test_tokens_never_repeat() -> None:
    assert len({str(TokenText.new()) for _ in range(100)}) == 100


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        TokenText.parse(text)


@given(position=st.integers(0, 71), letter=st.sampled_from("0123456789abcdefxyz_"))
def test_one_wrong_letter_is_noticed(position: int, letter: str) -> None:
    text = str(TokenText(id="0123456789ab", secret="c" * 48))
    position %= len(text)
    changed = text[:position] + letter + text[position + 1 :]
    if changed != text:
        with pytest.raises(UnauthorizedError):
            TokenText.parse(changed)


def test_scopes_include_the_lower_ones() -> None:
    writer = Principal("lab", Scope.WRITE)
    writer.require(Scope.READ)
    writer.require(Scope.WRITE)
    with pytest.raises(ForbiddenError):
        writer.require(Scope.ADMIN)
    assert ANYBODY.is_admin
