"""What was read a moment ago need not be read again, and is never older than the last thing that was written."""

from __future__ import annotations

import pytest

from tests.integration.jobs.conftest import Queue
from videoannotator.access import ANYBODY, Principal, Scope
from videoannotator.errors import JobNotFoundError
from videoannotator.jobs.attempts import Progress


def test_a_job_that_was_read_is_known_until_anything_is_written(queue: Queue) -> None:
    job_id = queue.submit().job.id
    claimed = queue.attempts.claim(queue.places)
    assert claimed is not None
    assert queue.jobs.known(ANYBODY, job_id) is None
    read = queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is read
    queue.attempts.record_progress(claimed.lease, Progress("scene_detection", 1, 0, 2))
    assert queue.jobs.known(ANYBODY, job_id) is None
    assert queue.jobs.get(ANYBODY, job_id).runs[0].progress == 0.5
    queue.jobs.cancel(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_a_write_that_fails_makes_everything_unknown_too(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.attempts.claim(queue.places)
    queue.jobs.get(ANYBODY, job_id)
    with pytest.raises(JobNotFoundError):
        queue.jobs.cancel(ANYBODY, "nope")
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_a_place_in_the_queue_is_always_read_anew(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(ANYBODY, job_id) is None


def test_what_is_known_is_known_to_those_who_may_see_it(queue: Queue) -> None:
    job_id = queue.submit().job.id
    queue.attempts.claim(queue.places)
    queue.jobs.get(ANYBODY, job_id)
    assert queue.jobs.known(Principal("somebody else", Scope.WRITE), job_id) is None
    assert queue.jobs.known(Principal(ANYBODY.owner, Scope.READ), job_id) is not None
