"""Calls that arrive at the same moment: each gets a true answer, on either database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select

from tests.integration.service.jobs.conftest import Queue
from videoannotator.errors import QuotaExceededError, RequestConflictError, VideoAnnotatorError
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.tables import JobRow, VideoRow
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.videos.repository import NewVideo, VideoRepository

ROUNDS = 5
CALLERS = 8


@pytest.fixture
def videos(queue: Queue) -> VideoRepository:
    """Videos beside the jobs of ``queue``."""
    return VideoRepository(queue.database, lambda: queue.now, max_owner_bytes=10_000, expiry=60)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at the same moment; return what each returned, or the typed error that it raised."""
    barrier = Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except VideoAnnotatorError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def new_job(request_id: str | None = None, video_id: str = "v", **fields: Any) -> JobRequest:
    return JobRequest(video_id, ("scene_detection",), request_id=request_id, **fields)


def test_one_request_id_makes_one_job_however_many_ask_at_once(queue: Queue) -> None:
    for number in range(ROUNDS):
        views = at_once(*[lambda: queue.submissions.submit(ANYBODY, new_job(f"request {number}"))] * CALLERS)  # noqa: B023
        assert len({view.job.id for view in views}) == 1
    with queue.database.read() as session:
        assert len(session.exec(select(JobRow.id)).all()) == ROUNDS


def test_one_request_id_makes_one_video_however_many_ask_at_once(videos: VideoRepository) -> None:
    for number in range(ROUNDS):
        new = NewVideo("clip.mp4", 5, request_id=f"request {number}")
        rows = at_once(*[lambda: videos.create(ANYBODY, new)] * CALLERS)  # noqa: B023
        assert len({row.id for row in rows}) == 1


def test_of_two_requests_with_one_id_at_once_one_is_refused(queue: Queue) -> None:
    for number in range(ROUNDS):
        answers = at_once(
            lambda: queue.submissions.submit(ANYBODY, new_job(f"request {number}")),  # noqa: B023
            lambda: queue.submissions.submit(ANYBODY, new_job(f"request {number}", priority=9)),  # noqa: B023
        )
        assert [type(each) for each in answers].count(RequestConflictError) == 1


def test_no_job_is_accepted_on_a_video_that_is_being_deleted(queue: Queue, videos: VideoRepository) -> None:
    for number in range(ROUNDS * 2):
        with queue.database.write() as session:
            facts = {"size_bytes": 5, "committed_bytes": 5, "state": "ready", "media": {"duration": 3.0}}
            row = VideoRow(id=f"v{number}", owner=ANYBODY.owner, filename="x.mp4", created_at=queue.now, **facts)
            session.add(row)
        submit = [lambda: queue.submissions.submit(ANYBODY, new_job(video_id=f"v{number}"))] * 3  # noqa: B023
        delete = [lambda: videos.delete(ANYBODY, f"v{number}")] * 3  # noqa: B023
        answers = at_once(*submit, *delete)
        kinds = [getattr(each, "code", "OK") for each in answers]
        accepted = kinds[:3] == ["OK"] * 3 and kinds[3:] == ["VIDEO_IN_USE"] * 3
        deleted = kinds[:3] == ["VIDEO_NOT_FOUND"] * 3 and sorted(kinds[3:]) == ["OK", *["VIDEO_NOT_FOUND"] * 2]
        assert accepted or deleted, kinds


def test_a_job_is_cancelled_retried_and_deleted_at_once_without_surprise(queue: Queue) -> None:
    for _ in range(ROUNDS):
        job_id = queue.submit().job.id
        answers = at_once(
            *[lambda: queue.jobs.cancel(ANYBODY, job_id)] * 2,  # noqa: B023
            *[lambda: queue.jobs.retry(ANYBODY, job_id)] * 2,  # noqa: B023
            *[lambda: queue.jobs.delete(ANYBODY, job_id)] * 2,  # noqa: B023
            lambda: queue.attempts.claim(queue.slots),
        )
        codes = {each.code for each in answers if isinstance(each, VideoAnnotatorError)}
        assert codes <= {"JOB_NOT_FOUND", "JOB_NOT_FINISHED", "JOB_NOT_RETRYABLE"}
        deleted = [each for each in answers[4:6] if each is None]
        assert len(deleted) <= 1


def test_the_quota_of_bytes_holds_against_repeated_requests(videos: VideoRepository) -> None:
    videos.create(ANYBODY, NewVideo("big.mp4", 9_990, request_id="big"))
    with pytest.raises(QuotaExceededError):
        videos.create(ANYBODY, NewVideo("more.mp4", 9_990))
    assert videos.create(ANYBODY, NewVideo("big.mp4", 9_990, request_id="big")).filename == "big.mp4"
