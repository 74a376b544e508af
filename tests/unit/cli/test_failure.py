"""Errors of calls, jobs and this program come out in one shape, with one exit code."""

from __future__ import annotations

import pytest

from videoannotator.cli.exit_codes import ExitCode, exit_code_of
from videoannotator.cli.failure import Failure
from videoannotator.errors import InvalidConfigError, Violation, error_classes


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [
        ("UNAVAILABLE", ExitCode.UNREACHABLE),
        ("DEADLINE_EXCEEDED", ExitCode.UNREACHABLE),
        ("UNAUTHENTICATED", ExitCode.UNAUTHORIZED),
        ("PERMISSION_DENIED", ExitCode.UNAUTHORIZED),
        ("UNIMPLEMENTED", ExitCode.FAILED),
        ("UNKNOWN", ExitCode.FAILED),
    ],
)
def test_a_status_has_its_exit_code(status: str, exit_code: ExitCode):
    assert exit_code_of(status) is exit_code


def test_the_json_form_has_the_violations_in_the_detail():
    error = InvalidConfigError("wrong", {"more": 1}, violations=(Violation("a", "INVALID_VALUE", "m"),))
    assert Failure.of(error).as_dict()["detail"] == {
        "more": 1,
        "violations": [{"field": "a", "code": "INVALID_VALUE", "message": "m"}],
    }


def test_every_error_of_the_taxonomy_has_an_exit_code_that_is_not_success():
    for error in error_classes():
        assert exit_code_of(error.grpc_status) not in {ExitCode.OK, ExitCode.BUG}
