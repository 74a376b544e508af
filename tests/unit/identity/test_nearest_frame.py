"""What was seen in the frame nearest to a time."""

from __future__ import annotations

from tests.support import findings
from videoannotator.identity.nearest_frame import NearestFrame

TIMES = [0.0, 0.2, 0.4, 0.6]


def test_the_nearest_frame_speaks_also_if_nobody_was_in_it() -> None:
    people = [findings.person(0.0), findings.person(0.4), findings.person(0.4, 2)]
    moments = NearestFrame(people, TIMES, reach=1.0)
    seen = [[person.track_id for person in moments.near(time)] for time in (0.0, 0.08, 0.12, 0.28, 0.32, 0.45, 0.55)]
    assert seen == [[1], [1], [], [], [1, 2], [1, 2], []]


def test_beyond_its_reach_nothing_is_known() -> None:
    moments = NearestFrame([findings.person(0.6)], TIMES, reach=1.0)
    assert [len(moments.near(time)) for time in (0.6, 0.79, 0.81)] == [1, 1, 0]


def test_where_nobody_looked_nothing_was_seen() -> None:
    assert NearestFrame([], [], reach=1.0).near(1.0) == []
