"""The hub tells watchers what is new, and knows when only the database can."""

from __future__ import annotations

from videoannotator.service.jobs.events import Event, EventHub, EventKind


def event(sequence: int, job_id: str = "j") -> Event:
    return Event(job_id, sequence, 0.0, EventKind.LOG, {})


def test_watchers_of_a_job_are_notified_of_its_events_only() -> None:
    hub, calls = EventHub(), []
    hub.watch("j", lambda: calls.append("j"))
    hub.watch("k", lambda: calls.append("k"))
    hub.publish([event(1), event(2)])
    assert calls == ["j"]


def test_recent_events_are_given_from_memory_when_they_join_up() -> None:
    hub = EventHub()
    hub.watch("j", lambda: None)
    hub.publish([event(3), event(4)])
    assert hub.recent_after("j", 2) == [event(3), event(4)]
    assert hub.recent_after("j", 3) == [event(4)]
    assert hub.recent_after("j", 1) is None
    assert hub.recent_after("j", 4) == []


def test_events_published_out_of_order_come_in_order() -> None:
    hub = EventHub()
    hub.watch("j", lambda: None)
    hub.publish([event(2)])
    assert hub.recent_after("j", 0) is None
    hub.publish([event(1)])
    assert hub.recent_after("j", 0) == [event(1), event(2)]


def test_nothing_is_kept_for_jobs_that_nobody_watches() -> None:
    hub = EventHub()
    watch = hub.watch("j", lambda: None)
    assert hub.watched() == {"j"}
    hub.leave(watch)
    hub.publish([event(1)])
    assert hub.watched() == frozenset()
    hub.watch("j", lambda: None)
    assert hub.recent_after("j", 0) == []
