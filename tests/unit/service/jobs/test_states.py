"""The state machine, read from its table."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

import videoannotator
from videoannotator.errors import InternalError
from videoannotator.service.jobs.states import TERMINAL, TRANSITIONS, JobStatus, Trigger, allowed, next_status


@pytest.mark.parametrize(("status", "trigger"), list(product(JobStatus, Trigger)))
def test_what_the_table_does_not_list_cannot_happen(status: JobStatus, trigger: Trigger) -> None:
    if (status, trigger) in TRANSITIONS:
        assert allowed(status, trigger)
        assert next_status(status, trigger) is TRANSITIONS[status, trigger]
    else:
        assert not allowed(status, trigger)
        with pytest.raises(InternalError):
            next_status(status, trigger)


def test_only_the_process_being_gone_ends_a_cancellation() -> None:
    assert [trigger for status, trigger in TRANSITIONS if status is JobStatus.CANCELLING] == [Trigger.STOPPED]


def test_only_a_retry_leaves_a_terminal_status() -> None:
    leaving = {(status, trigger) for status, trigger in TRANSITIONS if status in TERMINAL}
    assert leaving == {(status, Trigger.RETRY) for status in TERMINAL}


def test_every_status_can_be_reached_from_pending() -> None:
    reached = {JobStatus.PENDING}
    while True:
        further = reached | {after for (before, _), after in TRANSITIONS.items() if before in reached}
        if further == reached:
            break
        reached = further
    assert reached == set(JobStatus)


def test_no_code_but_the_journal_writes_the_status_of_a_job() -> None:
    """Found in the syntax: an assignment to ``job.status`` anywhere else would go around the table."""
    writers = set()
    for path in Path(next(iter(videoannotator.__path__))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for target in getattr(node, "targets", []):
                if isinstance(target, ast.Attribute) and ast.unparse(target) == "job.status":
                    writers.add(path.name)
    assert writers == {"unit_of_work.py"}
