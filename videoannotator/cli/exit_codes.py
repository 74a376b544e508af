"""The exit codes of every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command came to, for scripts; scripts may rely on these numbers."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        """Attach the meaning that `--help` and docs/cli.md print."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "done"
    FAILED = 1, "the work failed: a job or one of its pipelines, or a check of doctor"
    INVALID = 2, "invalid input: options, configuration, or a file that cannot be annotated"
    NOT_FOUND = 3, "no such job, video, artifact, pipeline, token or file"
    UNAUTHORIZED = 4, "no token, a bad one, or one without the needed scope"
    UNREACHABLE = 5, "the server cannot be reached or is not ready"
    REFUSED = 6, "not possible now: wrong state, quota, full disk, conflict"
    BUG = 70, "an unexpected error; --debug shows the traceback"
    CANCELLED = 130, "interrupted by Ctrl-C, or the job was cancelled"


_BY_GRPC_STATUS = {
    "INVALID_ARGUMENT": ExitCode.INVALID,
    "OUT_OF_RANGE": ExitCode.INVALID,
    "NOT_FOUND": ExitCode.NOT_FOUND,
    "UNAUTHENTICATED": ExitCode.UNAUTHORIZED,
    "PERMISSION_DENIED": ExitCode.UNAUTHORIZED,
    "UNAVAILABLE": ExitCode.UNREACHABLE,
    "DEADLINE_EXCEEDED": ExitCode.UNREACHABLE,
    "FAILED_PRECONDITION": ExitCode.REFUSED,
    "RESOURCE_EXHAUSTED": ExitCode.REFUSED,
    "ALREADY_EXISTS": ExitCode.REFUSED,
    "ABORTED": ExitCode.REFUSED,
    "CANCELLED": ExitCode.CANCELLED,
}


def exit_code_of(grpc_status: str) -> ExitCode:
    """Return the exit code of a call that ended with ``grpc_status``."""
    return _BY_GRPC_STATUS.get(grpc_status, ExitCode.FAILED)
