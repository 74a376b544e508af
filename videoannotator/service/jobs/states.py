"""The state machine of a job: one table, and the only function that reads it."""

from __future__ import annotations

from enum import StrEnum

from videoannotator.errors import InternalError


class JobStatus(StrEnum):
    """Where a job is in its life."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunStatus(StrEnum):
    """Where one pipeline of a job is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What can happen to a job."""

    CLAIM = "claim"
    """A worker takes it."""
    SUCCEED = "succeed"
    """At least one pipeline's results are committed."""
    FAIL = "fail"
    """It failed for good."""
    POSTPONE = "postpone"
    """It failed in a passing way and will be tried again."""
    REQUEUE = "requeue"
    """Its worker or server was lost or is shutting down; not the job's fault."""
    CANCEL = "cancel"
    """Its owner does not want it any more."""
    STOPPED = "stopped"
    """The process that ran it is gone."""
    RETRY = "retry"
    """Its owner wants it run again."""


TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})

TRANSITIONS: dict[tuple[JobStatus, Trigger], JobStatus] = {
    (JobStatus.PENDING, Trigger.CLAIM): JobStatus.RUNNING,
    (JobStatus.PENDING, Trigger.CANCEL): JobStatus.CANCELLED,
    (JobStatus.RUNNING, Trigger.SUCCEED): JobStatus.COMPLETED,
    (JobStatus.RUNNING, Trigger.FAIL): JobStatus.FAILED,
    (JobStatus.RUNNING, Trigger.POSTPONE): JobStatus.PENDING,
    (JobStatus.RUNNING, Trigger.REQUEUE): JobStatus.PENDING,
    (JobStatus.RUNNING, Trigger.CANCEL): JobStatus.CANCELLING,
    (JobStatus.CANCELLING, Trigger.STOPPED): JobStatus.CANCELLED,
    (JobStatus.COMPLETED, Trigger.RETRY): JobStatus.PENDING,
    (JobStatus.FAILED, Trigger.RETRY): JobStatus.PENDING,
    (JobStatus.CANCELLED, Trigger.RETRY): JobStatus.PENDING,
}
"""Every allowed change of status. What is not here cannot happen."""


def allowed(status: JobStatus, trigger: Trigger) -> bool:
    """Return whether ``trigger`` can happen to a job in ``status``."""
    return (status, trigger) in TRANSITIONS


def next_status(status: JobStatus, trigger: Trigger) -> JobStatus:
    """Return the status that ``trigger`` leads to.

    Raises:
        InternalError: The table has no such change; the caller should have asked ``allowed``.
    """
    try:
        return TRANSITIONS[status, trigger]
    except KeyError:
        raise InternalError(f"A {status} job cannot {trigger}.") from None
