"""The hub tells watchers what is new, and knows when only the database can."""

from __future__ import annotations

from videoannotator.service.jobs.events import Event, EventHub, EventKind, Moment


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
    assert hub.news("j", 2, 0).events == [event(3), event(4)]
    assert hub.news("j", 3, 0).events == [event(4)]
    assert hub.news("j", 1, 0).events is None
    assert hub.news("j", 4, 0).events == []


def test_events_published_out_of_order_come_in_order() -> None:
    hub = EventHub()
    hub.watch("j", lambda: None)
    hub.publish([event(2)])
    assert hub.news("j", 0, 0).events is None
    hub.publish([event(1)])
    assert hub.news("j", 0, 0).events == [event(1), event(2)]


def test_nothing_is_kept_for_jobs_that_nobody_watches() -> None:
    hub = EventHub()
    watch = hub.watch("j", lambda: None)
    assert hub.watched() == {"j"}
    hub.leave(watch)
    hub.publish([event(1)])
    assert hub.watched() == frozenset()
    hub.watch("j", lambda: None)
    assert hub.news("j", 0, 0).events == []


def progress(pipeline: str, done: int) -> Moment:
    return Moment("j", 0.0, EventKind.PROGRESS, {"pipeline": pipeline, "units_done": done})


def test_a_moment_replaces_the_one_before_it_and_is_told_once() -> None:
    hub, calls = EventHub(), []
    hub.watch("j", lambda: calls.append("j"))
    for done in (1, 2):
        hub.show([progress("face", done)])
    hub.show([progress("person", 5)])
    news = hub.news("j", 0, 0)
    assert list(news.moments) == [progress("face", 2), progress("person", 5)]
    assert hub.news("j", 0, news.tick).moments == []
    assert calls == ["j"] * 3


def test_an_event_takes_back_the_moments_that_it_makes_untrue() -> None:
    hub = EventHub()
    hub.watch("j", lambda: None)
    hub.show([progress("face", 1), progress("person", 1)])
    hub.publish([event(1)])
    assert len(hub.news("j", 1, 0).moments) == 2
    hub.publish([Event("j", 2, 0.0, EventKind.PROGRESS, {"pipeline": "face"})])
    assert hub.news("j", 2, 0).moments == [progress("person", 1)]
    hub.publish([Event("j", 3, 0.0, EventKind.STATUS, {})])
    assert hub.news("j", 3, 0).moments == []


def test_moments_of_jobs_that_nobody_watches_are_forgotten() -> None:
    hub = EventHub()
    hub.show([progress("face", 1)])
    hub.watch("j", lambda: None)
    assert hub.news("j", 0, 0).moments == []
