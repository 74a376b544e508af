"""The taxonomy is complete and consistent."""

from __future__ import annotations

import grpc
import pytest

from videoannotator.errors import (
    InternalError,
    InvalidConfigError,
    VideoAnnotatorError,
    Violation,
    error_class,
    error_classes,
)
from videoannotator.outcome import ErrorRecord

CLASSES = list(error_classes())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.code)
def test_every_error_has_a_status_a_hint_and_a_meaning(cls: type[VideoAnnotatorError]) -> None:
    assert cls.code == cls.code.upper()
    assert cls.grpc_status in grpc.StatusCode.__members__
    assert 400 <= cls.http_status < 600
    assert cls.default_hint
    assert cls.__doc__
    assert error_class(cls.code) is cls


def test_codes_are_unique() -> None:
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)


def test_an_unknown_code_is_an_internal_error() -> None:
    assert error_class("NO_SUCH_CODE") is InternalError


def test_an_error_survives_as_a_record() -> None:
    error = InvalidConfigError(
        "wrong", {"n": 1}, violations=(Violation("config.a", "INVALID_VALUE", "bad", [1, 2], 1),)
    )
    back = ErrorRecord.of(error).exception()
    assert type(back) is InvalidConfigError
    assert (back.message, back.hint, back.field, back.violations) == (
        error.message,
        error.hint,
        "config.a",
        error.violations,
    )
