"""A watch tells the history once and in order, and of the moment only what is true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tests.integration.service.jobs.conftest import Queue
from videoannotator.outcome import RunOutcome
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.jobs.events import Event, EventKind, Moment
from videoannotator.service.jobs.progress import AttemptProgress, RunProgress
from videoannotator.service.jobs.watching import Ended, Present, Snapshot, Update, Watcher, WatchHeartbeat

PIPELINE = "scene_detection"


async def until_quiet(watch: AsyncIterator[Update]) -> list[Update]:
    """Return what a watch tells until it has nothing to tell for a moment."""
    told: list[Update] = []
    try:
        async with asyncio.timeout(10):
            async for update in watch:
                if isinstance(update, WatchHeartbeat):
                    return told
                told.append(update)
    except TimeoutError:
        raise AssertionError(f"the watch did not fall silent: {told}") from None
    return told


def watcher(queue: Queue) -> Watcher:
    return Watcher(queue.jobs, queue.hub, heartbeat_interval=0.05)


async def test_a_resumed_watch_has_the_progress_in_its_snapshot_and_misses_no_event(queue: Queue) -> None:
    job_id = queue.submit().job.id
    claim = queue.attempts.claim(queue.slots)
    assert claim is not None
    queue.attempts.renew(claim.lease, [RunProgress(PIPELINE, 3, 0, 10)])
    (snapshot,) = await until_quiet(watcher(queue).watch(ANYBODY, job_id, 2))
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.view.runs[0].units_done, snapshot.sequence) == (3, 2)
    queue.attempts.record_run(claim.lease, RunOutcome(pipeline=PIPELINE, status="completed", units_done=10))
    _, ended = await until_quiet(watcher(queue).watch(ANYBODY, job_id, 2))
    assert isinstance(ended, Event)
    assert (ended.sequence, ended.payload["status"]) == (3, "completed")


async def test_each_watcher_sees_the_latest_step_of_each_pipeline(queue: Queue) -> None:
    job_id = queue.submit().job.id
    claim = queue.attempts.claim(queue.slots)
    assert claim is not None
    progress = AttemptProgress(job_id, claim.units, 0.0)
    watch = watcher(queue).watch(ANYBODY, job_id)
    assert isinstance(await anext(watch), Snapshot)
    for done in (1, 2, 3):
        queue.attempts.show(progress.advance(RunProgress(PIPELINE, done, 0, 10), queue.now))
    (step,) = await until_quiet(watch)
    assert isinstance(step, Present)
    assert (step.sequence, step.moment.payload["units_done"]) == (2, 3)


async def test_a_place_that_comes_after_the_job_has_started_is_not_told(queue: Queue) -> None:
    job_id = queue.submit().job.id
    watch = watcher(queue).watch(ANYBODY, job_id)
    assert isinstance(await anext(watch), Snapshot)
    place = Moment(job_id, queue.now, EventKind.QUEUE_POSITION, {"position": 1})
    queue.hub.show([place])
    assert await until_quiet_kinds(watch) == [EventKind.QUEUE_POSITION]
    watch = watcher(queue).watch(ANYBODY, job_id)
    assert isinstance(await anext(watch), Snapshot)
    queue.attempts.claim(queue.slots)
    queue.hub.show([place])
    assert await until_quiet_kinds(watch) == [EventKind.STATUS]


async def test_a_watch_ends_with_the_job_and_shows_no_step_after_it(queue: Queue) -> None:
    job_id = queue.submit().job.id
    watch = watcher(queue).watch(ANYBODY, job_id, 0)
    assert isinstance(await anext(watch), Snapshot)
    queue.jobs.cancel(ANYBODY, job_id)
    queue.hub.show([Moment(job_id, queue.now, EventKind.PROGRESS, {"pipeline": PIPELINE})])
    *history, last = await until_quiet(watch)
    assert [update.sequence for update in history] == [1, 2]
    assert isinstance(last, Ended)


async def until_quiet_kinds(watch: AsyncIterator[Update]) -> list[EventKind]:
    """Return the kinds of what a watch tells."""
    return [
        update.moment.kind if isinstance(update, Present) else update.kind
        for update in await until_quiet(watch)
        if isinstance(update, Present | Event)
    ]
