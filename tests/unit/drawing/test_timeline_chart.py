"""Lanes on an axis of time, measured in pixels."""

from __future__ import annotations

import numpy as np
import pytest

from videoannotator.drawing.colours import PANEL
from videoannotator.drawing.timeline_chart import chart, display_time
from videoannotator.drawing.timeline_tracks import Span, TimelineTrack, TrackGroup
from videoannotator.media.frame import Image

RED, BLUE = (250, 10, 20), (10, 20, 250)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00.0"),
        (3.24, "0:03.2"),
        (59.96, "1:00.0"),
        (754.5, "12:34.5"),
        (3599.99, "1:00:00.0"),
        (7325, "2:02:05.0"),
    ],
)
def test_times_read_like_a_clock(seconds: float, text: str) -> None:
    assert display_time(seconds) == text


def group(*spans: Span, label: str = "person 1", captions: tuple[Span, ...] = (), hidden: int = 0) -> TrackGroup:
    return TrackGroup("person", "people", 1, [TimelineTrack(label, (1, 2, 3), spans)], captions=captions, hidden=hidden)


def extent(image: Image, colour: tuple[int, int, int]) -> tuple[int, int]:
    columns = (image == colour).all(axis=2).any(axis=0).nonzero()[0]
    return int(columns.min()), int(columns.max())


def test_stretches_are_where_their_times_are() -> None:
    image = chart(1000, 10.0, [group(Span(0, 10, RED))])
    left, right = extent(image, RED)
    both = chart(1000, 10.0, [group(Span(0, 4, RED), Span(6, 10, BLUE))])
    assert extent(both, RED) == (left, pytest.approx(left + 0.4 * (right - left), abs=2))
    assert extent(both, BLUE) == (pytest.approx(left + 0.6 * (right - left), abs=2), right)


def test_a_moment_in_a_long_video_can_be_seen() -> None:
    image = chart(1000, 7200.0, [group(Span(3600, 3600.1, RED))])
    assert (np.abs(image.astype(int) - PANEL).sum(axis=2) > 60)[20:24, 140:].any()


def test_a_column_has_the_colour_of_most_of_its_time() -> None:
    spans = [Span(n, n + (0.2 if n % 2 else 1), BLUE if n % 2 else RED) for n in range(7200)]
    image = chart(600, 7200.0, [group(*spans)])
    assert (image[20, 150:580, 0] > image[20, 150:580, 2]).all()


def test_what_lies_outside_of_the_video_does_not_leave_the_panel() -> None:
    image = chart(400, 5.0, [group(Span(-3, 1, RED), Span(4, 99, BLUE))])
    assert extent(image, BLUE)[1] < 400 - 10


def test_a_video_of_no_length_and_one_without_findings_are_drawn_too() -> None:
    assert chart(400, 0.0, []).shape[1] == 400
    assert chart(400, 0.0, [group(Span(0, 0, RED))]).shape[1] == 400


def test_those_without_a_lane_are_mentioned() -> None:
    spans = (Span(0, 1, RED),)
    assert chart(600, 2.0, [group(*spans, hidden=3)]).shape[0] > chart(600, 2.0, [group(*spans)]).shape[0]


def test_captions_stand_below_if_there_is_room_for_all_of_them() -> None:
    few = tuple(Span(n * 3.0, n * 3.0 + 2, RED, f"sentence {n}") for n in range(3))
    many = tuple(Span(n * 0.1, n * 0.1 + 0.1, RED, f"sentence {n}") for n in range(100))
    spans = (Span(0, 1, BLUE),)
    bare = chart(900, 10.0, [group(*spans)])
    assert chart(900, 10.0, [group(*spans, captions=few)]).shape[0] > bare.shape[0]
    assert chart(900, 10.0, [group(*spans, captions=many)]).shape == bare.shape


def test_captions_that_would_overlap_get_rows_of_their_own() -> None:
    spans = (Span(0, 1, BLUE),)
    text = "a sentence that is much longer than the time it takes to say it"
    heights = [
        chart(900, 10.0, [group(*spans, captions=tuple(Span(n * 1.0, n + 0.9, RED, text) for n in range(count)))])
        for count in (1, 2, 3)
    ]
    assert heights[0].shape[0] < heights[1].shape[0] < heights[2].shape[0]


def test_the_legend_explains_colours() -> None:
    image = chart(600, 2.0, [group(Span(0, 1, BLUE))], {"happy": RED})
    assert (image == RED).all(axis=2).sum() > 100


def test_a_long_label_does_not_push_the_lanes_out() -> None:
    image = chart(600, 2.0, [group(Span(0, 2, RED), label="someone with a name that does not end " * 5)])
    left, right = extent(image, RED)
    assert right - left > 300
