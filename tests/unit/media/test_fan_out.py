"""One decode, many consumers."""

import threading
from collections.abc import Callable
from threading import Event

import numpy as np
import pytest

from videoannotator.errors import CorruptMediaError, JobCancelledError
from videoannotator.media.fan_out import ConsumerResult, Subscription, fan_out
from videoannotator.media.frame import Frame
from videoannotator.media.source import VideoSource
from videoannotator.testing.pictures import read_number
from videoannotator.testing.sources import FakeVideoSource

NEVER = Event()


def ignore(frame: Frame) -> None:
    pass


def quiet(name: str, done: int, failed: int, total: int | None) -> None:
    pass


def run(
    source: VideoSource,
    *subscriptions: Subscription,
    cancelled: Event = NEVER,
    progress: Callable[[str, int, int, int | None], None] = quiet,
    queue_size: int = 8,
) -> dict[str, ConsumerResult]:
    return fan_out(source, subscriptions, cancelled=cancelled, progress=progress, queue_size=queue_size)


def frame_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("frames-")]


def test_each_consumer_gets_the_frames_of_its_own_rate_in_order() -> None:
    every: list[Frame] = []
    some: list[Frame] = []
    results = run(
        FakeVideoSource.steady(100, 25), Subscription("all", None, every.append), Subscription("some", 5, some.append)
    )
    assert [frame.index for frame in every] == list(range(100))
    assert [frame.index for frame in some] == list(range(0, 100, 5))
    assert all(read_number(frame.image) == frame.index for frame in every)
    assert (results["all"].done, results["some"].done) == (100, 20)
    assert results["some"].last_time == 95 / 25
    assert results["all"].error is None


def test_a_frame_is_converted_once_for_all_who_want_it_and_never_if_nobody_does() -> None:
    source = FakeVideoSource.steady(100, 25)
    frames: dict[str, list[Frame]] = {"a": [], "b": []}
    run(source, *(Subscription(name, 5, frames[name].append) for name in frames))
    assert (source.decoded, source.converted) == (100, 20)
    assert all(one.image is other.image for one, other in zip(frames["a"], frames["b"], strict=True))


def test_images_are_read_only() -> None:
    def vandal(frame: Frame) -> None:
        frame.image[0, 0] = 0

    results = run(FakeVideoSource.steady(3), Subscription("vandal", None, vandal))
    assert isinstance(results["vandal"].error, ValueError)


def test_a_consumer_that_fails_ends_alone() -> None:
    trouble = RuntimeError("no more")
    kept: list[int] = []

    def fail_at_three(frame: Frame) -> None:
        if frame.index == 3:
            raise trouble

    source = FakeVideoSource.steady(50)
    results = run(
        source,
        Subscription("bad", None, fail_at_three),
        Subscription("good", None, lambda frame: kept.append(frame.index)),
        queue_size=1,
    )
    assert (results["bad"].done, results["bad"].error) == (3, trouble)
    assert results["bad"].last_time == 2 / 25
    assert kept == list(range(50))


def test_decoding_stops_when_every_consumer_has_ended() -> None:
    def fail(frame: Frame) -> None:
        raise RuntimeError("at once")

    source = FakeVideoSource.steady(100_000)
    results = run(source, Subscription("a", None, fail), Subscription("b", 1, fail), queue_size=1)
    assert all(result.error is not None for result in results.values())
    assert source.decoded < 1000


def test_the_slowest_consumer_paces_the_source() -> None:
    source = FakeVideoSource.steady(200)
    ahead: list[int] = []
    results = run(
        source,
        Subscription("slow", None, lambda frame: ahead.append(source.decoded - frame.index)),
        Subscription("fast", None, ignore),
        queue_size=4,
    )
    assert results["slow"].done == results["fast"].done == 200
    assert max(ahead) <= 4 + 2


def test_lost_frames_count_as_failed_for_those_who_wanted_them() -> None:
    source = FakeVideoSource([index / 10 for index in range(40)], lost={3, 10, 11})
    results = run(source, Subscription("all", None, ignore), Subscription("one", 1, ignore))
    assert (results["all"].done, results["all"].failed) == (37, 3)
    assert (results["one"].done, results["one"].failed) == (3, 1)


def test_progress_tells_frames_done_and_failed_and_how_many_to_expect() -> None:
    told: list[tuple[str, int, int, int | None]] = []
    source = FakeVideoSource([index / 10 for index in range(30)], lost={29})
    run(source, Subscription("all", None, ignore), progress=lambda *report: told.append(report))
    assert told[0] == ("all", 1, 0, 30)
    assert told[-1] == ("all", 29, 1, 30)
    told.clear()
    run(source, Subscription("some", 2, ignore), progress=lambda *report: told.append(report))
    assert told[-1] == ("some", 6, 0, 6)


@pytest.mark.parametrize("queue_size", [1, 8])
def test_cancelling_ends_all_threads_even_while_a_queue_is_full(queue_size: int) -> None:
    cancelled = Event()
    seen: list[int] = []

    def cancel_in_the_middle(frame: Frame) -> None:
        seen.append(frame.index)
        if frame.index == 5:
            cancelled.set()

    with pytest.raises(JobCancelledError):
        run(
            FakeVideoSource.steady(100_000),
            Subscription("slow", None, cancel_in_the_middle),
            Subscription("other", 1, ignore),
            cancelled=cancelled,
            queue_size=queue_size,
        )
    assert len(seen) <= 6 + queue_size
    assert frame_threads() == []


def test_cancelling_is_seen_while_a_consumer_is_busy_with_one_frame() -> None:
    cancelled = Event()

    def busy_until_cancelled(frame: Frame) -> None:
        cancelled.set()

    with pytest.raises(JobCancelledError):
        run(FakeVideoSource.steady(3), Subscription("busy", None, busy_until_cancelled), cancelled=cancelled)
    assert frame_threads() == []


def test_cancelling_is_seen_while_nobody_wants_any_frame() -> None:
    cancelled = Event()
    source = FakeVideoSource.steady(100_000)
    with pytest.raises(JobCancelledError):
        run(source, Subscription("rare", 0.0001, lambda frame: cancelled.set()), cancelled=cancelled)
    assert source.decoded < 100_000
    assert frame_threads() == []


def test_a_file_without_any_good_frame_is_an_error() -> None:
    source = FakeVideoSource([], error=CorruptMediaError("nothing there"))
    with pytest.raises(CorruptMediaError, match="nothing there"):
        run(source, Subscription("a", None, ignore))
    assert frame_threads() == []


def test_a_file_that_breaks_off_later_costs_one_frame() -> None:
    source = FakeVideoSource([0.0, 0.1, 0.2], error=CorruptMediaError("broken off"))
    result = run(source, Subscription("a", None, ignore))["a"]
    assert (result.done, result.failed, result.error) == (3, 1, None)


def test_a_bug_in_the_source_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(FakeVideoSource([0.0], error=ZeroDivisionError()), Subscription("a", None, ignore))
    assert frame_threads() == []


def test_without_consumers_nothing_is_decoded() -> None:
    source = FakeVideoSource.steady(10)
    assert run(source) == {}
    assert source.decoded == 0


def test_two_subscriptions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="name of its own"):
        run(FakeVideoSource.steady(1), Subscription("a", None, ignore), Subscription("a", None, ignore))


def test_busy_seconds_are_the_consumer_s_own() -> None:
    results = run(
        FakeVideoSource.steady(5),
        Subscription("works", None, lambda frame: np.linalg.svd(np.ones((200, 200)))),
        Subscription("idles", None, ignore),
    )
    assert results["works"].busy_seconds > results["idles"].busy_seconds >= 0
