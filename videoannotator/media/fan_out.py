"""One decode, many consumers: frames flow through bounded queues at the pace of the slowest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from threading import Condition, Thread
from time import perf_counter

from videoannotator.errors import JobCancelledError, VideoAnnotatorError
from videoannotator.media.frame import Frame, LostFrame
from videoannotator.media.info import MediaInfo
from videoannotator.media.sampling import Sampler
from videoannotator.media.source import VideoSource
from videoannotator.progress import Cancellation

POLL_SECONDS = 0.05
"""How soon a cancellation is seen while a consumer is waited for."""

ProgressCallback = Callable[[str, int, int, int | None], None]
"""Called with a subscription's name, frames done, frames failed and the estimated total, from several threads."""


@dataclass(frozen=True)
class Subscription:
    """Who wants frames, how many per second of media time (None: every frame), and what it does with each.

    ``consume`` is called from one thread, in order of time. The image is shared and read-only.
    """

    name: str
    rate: float | None
    consume: Callable[[Frame], None]


@dataclass(frozen=True)
class ConsumerResult:
    """How a subscription ended. ``failed`` counts frames it should have had but that could not be decoded."""

    done: int
    failed: int
    last_time: float | None
    """Seconds; the last frame that was consumed."""
    error: BaseException | None
    """What ``consume`` raised; nothing was delivered after that."""
    busy_seconds: float
    """Wall time inside ``consume``."""


def fan_out(
    source: VideoSource,
    subscriptions: Sequence[Subscription],
    *,
    cancelled: Cancellation,
    progress: ProgressCallback,
    queue_size: int = 8,
) -> dict[str, ConsumerResult]:
    """Decode the source once and give each subscription the frames it asked for, each in a thread of its own.

    A consumer that raises ends alone; decoding stops early only when all have ended. A source that breaks down after
    its first frame costs every consumer one failed frame.

    Raises:
        JobCancelledError: The job was cancelled.
        VideoAnnotatorError: The source breaks down before its first frame.
    """
    if len({subscription.name for subscription in subscriptions}) < len(subscriptions):
        raise ValueError("every subscription needs a name of its own")
    queues = [
        _ConsumerQueue(entry, queue_size, progress, _expected(source.info, entry.rate)) for entry in subscriptions
    ]
    try:
        for queue in queues:
            queue.start()
        _Reader(source, queues, cancelled).run()
        for queue in queues:
            queue.finish(cancelled)
    finally:
        for queue in queues:
            queue.abandon()
    return {queue.name: queue.result() for queue in queues}


class _Reader:
    """Reads the source and puts each frame on the queues that want it."""

    def __init__(self, source: VideoSource, queues: Sequence[_ConsumerQueue], cancelled: Cancellation) -> None:
        self._source = source
        self._queues = queues
        self._cancelled = cancelled
        self._receivers: list[_ConsumerQueue] = []
        self._last = LostFrame(0, 0.0)
        self._delivered = False

    def run(self) -> None:
        try:
            self._deliver()
        except JobCancelledError:
            raise
        except VideoAnnotatorError:
            if not self._delivered:
                raise
            # What was decoded until here is good; the rest of the file counts as one lost frame.
            for queue in self._queues:
                queue.put(self._last, self._cancelled)

    def _deliver(self) -> None:
        if not self._queues:
            return
        for item in self._source.frames(self._is_wanted):
            if not any(queue.alive for queue in self._queues):
                return
            if isinstance(item, Frame):
                self._delivered = True
                item.image.setflags(write=False)
            for queue in self._receivers:
                queue.put(item, self._cancelled)

    def _is_wanted(self, index: int, time: float) -> bool:
        _check(self._cancelled)
        self._last = LostFrame(index, time)
        self._receivers = [queue for queue in self._queues if queue.wants(time)]
        # With no consumer left, ask for one more frame: it ends the loop above.
        return bool(self._receivers) or not any(queue.alive for queue in self._queues)


class _ConsumerQueue:
    """A subscription's bounded queue and the thread that empties it."""

    def __init__(self, subscription: Subscription, size: int, progress: ProgressCallback, total: int | None) -> None:
        self.name = subscription.name
        self._consume = subscription.consume
        self._sampler = Sampler(subscription.rate)
        self._progress = progress
        self._total = total
        self._size = size
        self._queue: deque[Frame | LostFrame] = deque()
        self._changed = Condition()
        self._fed = False
        self._ended = False
        self._done = 0
        self._failed = 0
        self._last_time: float | None = None
        self._error: BaseException | None = None
        self._busy = 0.0
        self._thread = Thread(target=self._run, name=f"frames-{self.name}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the consumer still takes frames."""
        return not self._ended

    def start(self) -> None:
        self._thread.start()

    def wants(self, time: float) -> bool:
        return not self._ended and self._sampler.wants(time)

    def put(self, item: Frame | LostFrame, cancelled: Cancellation) -> None:
        """Queue a frame; wait for room as long as the consumer lives.

        Raises:
            JobCancelledError: The job was cancelled.
        """
        with self._changed:
            while len(self._queue) >= self._size and not self._ended:
                _check(cancelled)
                self._changed.wait(POLL_SECONDS)
            if not self._ended:
                self._queue.append(item)
                self._changed.notify_all()

    def finish(self, cancelled: Cancellation) -> None:
        """Let the consumer empty its queue and wait for its end.

        Raises:
            JobCancelledError: The job was cancelled.
        """
        with self._changed:
            self._fed = True
            self._changed.notify_all()
        while self._thread.is_alive():
            _check(cancelled)
            self._thread.join(POLL_SECONDS)
        _check(cancelled)

    def abandon(self) -> None:
        """Throw the queue away and wait until the consumer has returned from its last call."""
        self._end()
        if self._thread.ident is not None:
            self._thread.join()

    def result(self) -> ConsumerResult:
        return ConsumerResult(self._done, self._failed, self._last_time, self._error, self._busy)

    def _run(self) -> None:
        try:
            while (item := self._take()) is not None:
                if isinstance(item, Frame):
                    self._handle(item)
                else:
                    self._failed += 1
                self._progress(self.name, self._done, self._failed, self._total)
        except BaseException as error:  # noqa: BLE001 - handed to the caller of fan_out as it is
            self._error = error
        finally:
            self._end()

    def _handle(self, frame: Frame) -> None:
        started = perf_counter()
        try:
            self._consume(frame)
        finally:
            self._busy += perf_counter() - started
        self._done += 1
        self._last_time = frame.time

    def _take(self) -> Frame | LostFrame | None:
        with self._changed:
            while not (self._queue or self._fed or self._ended):
                self._changed.wait()
            if self._ended or not self._queue:
                return None
            item = self._queue.popleft()
            self._changed.notify_all()
            return item

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._queue.clear()
            self._changed.notify_all()


def _check(cancelled: Cancellation) -> None:
    if cancelled.is_set():
        raise JobCancelledError("The job was cancelled while its video was decoded.")


def _expected(info: MediaInfo, rate: float | None) -> int | None:
    """Return how many frames a subscription will get, as far as the header tells."""
    if rate is None:
        return info.frame_count
    sampled = ceil(info.duration * rate) if info.duration > 0 else None
    known = [count for count in (sampled, info.frame_count) if count is not None]
    return min(known, default=None)
