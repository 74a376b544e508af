"""Gives slots to waiting jobs and sees every attempt through to a durable end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from videoannotator.annotation_request import AnnotationRequest
from videoannotator.crash_points import crash_point
from videoannotator.errors import (
    ArtifactCorruptError,
    JobTimeoutError,
    ServiceUnavailableError,
    StorageExhaustedError,
    VideoAnnotatorError,
    error_class,
)
from videoannotator.outcome import ErrorRecord, Outcome
from videoannotator.service.artifacts.stored_files import discard, display_name, prepare_staging, publish, title_of
from videoannotator.service.execution.backend import ExecutionBackend
from videoannotator.service.jobs.attempts import AttemptRepository, Claim, Lease, LeaseLostError, Slots
from videoannotator.service.jobs.progress import AttemptProgress, RunProgress
from videoannotator.service.jobs.queue import JobQueue
from videoannotator.service.jobs.states import JobStatus
from videoannotator.service.storage_layout import Layout
from videoannotator.worker.protocol import (
    AttemptEnded,
    AttemptEvent,
    AttemptFailed,
    AttemptKey,
    AttemptStopped,
    Ending,
    LogWritten,
    ProgressMade,
    RunAttempt,
    RunEnded,
    WorkerHeartbeat,
    WorkerLost,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

_IDLE_POLL = 5.0
"""Seconds after which the queue is looked at even without a sign that it changed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much runs at once and how long things may take, in seconds."""

    slots: Slots
    lease_duration: float
    job_timeout: float


class Supervisor:
    """Runs the queue. Lives on one event loop; blocking work happens in threads."""

    def __init__(
        self,
        queue: JobQueue,
        attempts: AttemptRepository,
        backend: ExecutionBackend,
        layout: Layout,
        limits: Limits,
        on_queue_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; ``on_queue_change`` is called whenever jobs may have moved in the queue."""
        self._queue = queue
        self._attempts = attempts
        self._backend = backend
        self._layout = layout
        self._limits = limits
        self._on_queue_change = on_queue_change
        self._wake = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._draining = False
        self._loop: asyncio.Task[None] | None = None
        # By attempt, not by job: the next attempt may start while the last one still clears up.
        self._running: dict[AttemptKey, asyncio.Task[None]] = {}
        self._looked_at = time.monotonic()

    @property
    def running_attempts(self) -> frozenset[AttemptKey]:
        """The attempts that run now, or still clear up."""
        return frozenset(self._running)

    @property
    def seconds_since_look(self) -> float:
        """How long ago the queue was looked at; more than a minute means that nothing starts any more."""
        return time.monotonic() - self._looked_at

    def start(self) -> None:
        """Begin to run jobs."""
        self._loop = asyncio.create_task(self._run_queue(), name="supervisor")

    def wake(self) -> None:
        """Say that the queue changed."""
        self._wake.set()
        self._on_queue_change()

    async def cancel(self, job_id: str) -> None:
        """Stop the attempt of a job whose cancellation is recorded."""
        self.wake()
        async with self._claiming:
            keys = [key for key in self._running if key.job_id == job_id]
        await asyncio.gather(*(self._backend.request_cancel(key) for key in keys))

    async def wait_for(self, job_id: str) -> None:
        """Return when no attempt of the job runs any more."""
        async with self._claiming:
            tasks = [task for key, task in self._running.items() if key.job_id == job_id]
        if tasks:
            await asyncio.wait(tasks)

    async def reclaim(self) -> None:
        """Settle attempts whose lease has run out and that do not run here."""
        # A claim that is under way is in the database already, and not yet among those that run.
        async with self._claiming:
            lost = await asyncio.to_thread(self._attempts.reclaim, self.running_attempts)
        if lost:
            logger.warning("%s jobs were claimed but did not run; they are settled.", lost)
            self.wake()

    async def drain(self, grace: float) -> None:
        """Start nothing more; give running attempts ``grace`` seconds to end, then requeue them."""
        self._draining = True
        self._wake.set()
        if self._loop is not None:
            await self._loop
        tasks = list(self._running.values())
        if tasks and grace > 0:
            await asyncio.wait(tasks, timeout=grace)
        await asyncio.gather(*(self._backend.request_cancel(key) for key in self._running))
        remaining = list(self._running.values())
        if remaining:
            await asyncio.wait(remaining)
        await self._backend.close()

    async def _run_queue(self) -> None:
        while not self._draining:
            self._wake.clear()
            try:
                if await self._start_next():
                    continue
                due = await asyncio.to_thread(self._queue.seconds_until_due)
                self._looked_at = time.monotonic()
            except VideoAnnotatorError as error:
                logger.error("Cannot claim a job: %s.", error)
                due = 1.0
            except Exception:  # the queue must go on, whatever the database comes up with
                logger.exception("Cannot claim a job.")
                due = 1.0
            await self._pause(min(_IDLE_POLL, due + 0.01 if due is not None else _IDLE_POLL))

    async def _start_next(self) -> bool:
        # A cancellation must find either no claim yet, or the attempt that it started.
        async with self._claiming:
            claim = await asyncio.to_thread(self._attempts.claim, self._limits.slots)
            if claim is None:
                return False
            lease = claim.lease
            task = asyncio.create_task(self._run_attempt(claim), name=f"attempt {lease.job_id}/{lease.attempt}")
            self._running[AttemptKey(lease.job_id, lease.attempt)] = task
            self._looked_at = time.monotonic()
        self._on_queue_change()
        return True

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _run_attempt(self, claim: Claim) -> None:
        lease = claim.lease
        try:
            ending = await self._attempt(claim)
            await self._finalize(claim, ending)
        except Exception:  # whatever went wrong, the job must not stay in limbo
            logger.exception("Attempt %s of job %s went wrong in the server.", lease.attempt, lease.job_id)
            await self._backend.kill(AttemptKey(lease.job_id, lease.attempt))
            await self._finalize(claim, WorkerLost(reason="the service failed while the job ran"))
        finally:
            del self._running[AttemptKey(lease.job_id, lease.attempt)]
            self.wake()

    async def _attempt(self, claim: Claim) -> Ending:
        lease = claim.lease
        key = AttemptKey(lease.job_id, lease.attempt)
        crash_point("claim-after")
        logger.info("Job %s attempt %s starts.", *key)
        try:
            directory = await asyncio.to_thread(prepare_staging, self._layout, *key)
        except (StorageExhaustedError, ServiceUnavailableError) as error:
            return AttemptFailed(error=ErrorRecord.of(error))
        try:
            await self._backend.launch(RunAttempt(key=key, request=self._request(claim, directory)))
        except OSError as error:
            return WorkerLost(reason=f"no worker process could be started: {error}")
        if self._draining or await self._is_being_cancelled(lease):
            await self._backend.request_cancel(key)
        try:
            async with asyncio.timeout(self._limits.job_timeout):
                return await self._follow(claim)
        except TimeoutError:
            await self._backend.kill(key)
            late = JobTimeoutError(f"The attempt took longer than {self._limits.job_timeout:g} seconds.")
            return AttemptFailed(error=ErrorRecord.of(late))

    def _request(self, claim: Claim, directory: Path) -> AnnotationRequest:
        job = claim.job
        return AnnotationRequest(
            video=self._layout.video(job.video_id),
            title=title_of(job.video_filename),
            filename=job.video_filename,
            input_sha256=claim.video_sha256,
            pipelines=tuple(job.pipelines),
            config=job.config,
            outputs=tuple(job.outputs),
            directory=directory,
        )

    async def _follow(self, claim: Claim) -> Ending:
        lease = claim.lease
        key = AttemptKey(lease.job_id, lease.attempt)
        events = self._backend.events(key)
        progress = AttemptProgress(lease.job_id, claim.units, time.monotonic())
        while True:
            try:
                event = await asyncio.wait_for(anext(events), self._limits.lease_duration)
            except TimeoutError:
                await self._backend.kill(key)
                return WorkerLost(reason=f"the worker gave no sign of life for {self._limits.lease_duration:g} seconds")
            if isinstance(event, AttemptEnded | AttemptFailed | AttemptStopped | WorkerLost):
                return event
            try:
                await self._record(lease, progress, event)
            except LeaseLostError:
                if not await self._is_being_cancelled(lease):
                    await self._backend.kill(key)
                    return AttemptStopped()
            except VideoAnnotatorError as error:
                # What happens on the way is worth less than the work: only the end of an attempt must be written.
                if not error.retryable:
                    raise
                logger.warning("Job %s attempt %s: progress is not recorded: %s.", *key, error)

    async def _record(self, lease: Lease, progress: AttemptProgress, event: AttemptEvent) -> None:
        now = time.monotonic()
        match event:
            case WorkerHeartbeat():
                await asyncio.to_thread(self._attempts.renew, lease, progress.take(now))
            case ProgressMade():
                step = RunProgress(event.pipeline, event.done, event.failed, event.total)
                self._attempts.show(progress.advance(step, time.time()))
                if progress.is_due(now):
                    await asyncio.to_thread(self._attempts.renew, lease, progress.take(now))
            case RunEnded():
                progress.end(event.run.pipeline)
                await asyncio.to_thread(self._attempts.record_run, lease, event.run)
            case LogWritten():
                await asyncio.to_thread(self._attempts.log, lease, event.level, event.message)

    async def _finalize(self, claim: Claim, ending: Ending) -> None:
        """Write down how an attempt ended; a cancellation that came in time wins over every other ending."""
        lease = claim.lease
        key = AttemptKey(lease.job_id, lease.attempt)
        while True:
            try:
                if await self._is_being_cancelled(lease):
                    await self._backend.kill(key)
                    await asyncio.to_thread(discard, self._layout, *key)
                    await self._persist(lambda: self._attempts.stopped(lease))
                else:
                    await self._write_ending(claim, ending)
            except LeaseLostError:
                if await self._is_being_cancelled(lease):
                    continue
                await asyncio.to_thread(discard, self._layout, *key)
                logger.warning("Job %s attempt %s ended after it had lost its lease; its results are dropped.", *key)
            return

    async def _write_ending(self, claim: Claim, ending: Ending) -> None:
        lease = claim.lease
        match ending:
            case AttemptEnded(outcome=outcome):
                await self._commit(claim, outcome)
                return
            case AttemptFailed(error=error):
                retryable = error_class(error.code).retryable
                await self._persist(lambda: self._attempts.fail(lease, error, retryable=retryable))
            # A worker that had to be killed so that the service can stop does not count against the job.
            case WorkerLost(reason=reason) if not self._draining:
                await self._persist(lambda: self._attempts.record_loss(lease, reason))
            case AttemptStopped() | WorkerLost():
                await self._persist(lambda: self._attempts.requeue(lease, "the service is shutting down"))
        await asyncio.to_thread(discard, self._layout, lease.job_id, lease.attempt)

    async def _commit(self, claim: Claim, outcome: Outcome) -> None:
        lease = claim.lease
        failed = [run.error for run in outcome.runs if run.error is not None]
        passing = [error for error in failed if error_class(error.code).retryable]
        succeeded = any(run.status == "completed" for run in outcome.runs)
        may_retry = bool(passing) and await self._persist(lambda: self._attempts.has_attempts_left(lease))
        if may_retry:
            await self._persist(lambda: self._attempts.fail(lease, passing[0], retryable=True, runs=outcome.runs))
        elif not succeeded:
            await self._persist(lambda: self._attempts.fail(lease, failed[0], retryable=False, runs=outcome.runs))
        else:
            await self._publish(claim, outcome)
            return
        await asyncio.to_thread(discard, self._layout, lease.job_id, lease.attempt)

    async def _publish(self, claim: Claim, outcome: Outcome) -> None:
        lease = claim.lease
        try:
            paths = await asyncio.to_thread(publish, self._layout, lease.job_id, lease.attempt, outcome.artifacts)
        except (ArtifactCorruptError, StorageExhaustedError, ServiceUnavailableError) as error:
            await self._write_ending(claim, AttemptFailed(error=ErrorRecord.of(error)))
            return
        names = [display_name(claim.job.video_filename, artifact.name) for artifact in outcome.artifacts]
        crash_point("commit-before")
        replaced = await self._persist(lambda: self._attempts.commit(lease, outcome, names, paths))
        crash_point("commit-after")
        logger.info("Job %s attempt %s is committed with %s artifacts.", lease.job_id, lease.attempt, len(paths))
        for attempt in {int(path.split("/")[1]) for path in replaced}:
            await asyncio.to_thread(discard, self._layout, lease.job_id, attempt)

    async def _persist(self, ask: Callable[[], T]) -> T:
        """Ask the database until it answers: an attempt's end must survive a disk that is full for a while."""
        while True:
            try:
                return await asyncio.to_thread(ask)
            except VideoAnnotatorError as error:
                if not error.retryable:
                    raise
                logger.error("The database does not take or tell how an attempt stands, trying again: %s.", error)
                await asyncio.sleep(1.0)

    async def _is_being_cancelled(self, lease: Lease) -> bool:
        return await self._persist(lambda: self._attempts.status(lease)) is JobStatus.CANCELLING
