"""How pictures show records that a plugin declares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from tests.support import findings
from tests.support.declared import Gesture, Hand, Light, hand
from videoannotator.drawing import canvas
from videoannotator.drawing.boxes import BoxLayer
from videoannotator.drawing.colours import FAINT, Colours, label_colours
from videoannotator.drawing.overlay import Overlay
from videoannotator.drawing.preview import frame_section
from videoannotator.drawing.timeline_tracks import groups, legend_of
from videoannotator.record_types import Colour, FrameType

TIMES = findings.TIMES
FIST = (250, 10, 20)


def area(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((image == colour).all(axis=2).sum())


def test_a_lane_for_each_identity_in_the_colours_of_its_label() -> None:
    hands = [hand(time, track, "fist" if time < 4 else "open") for time in TIMES for track in (1, 2)]
    [group] = groups([findings.result(Hand, hands)], most=10)
    assert [track.label for track in group.tracks] == ["hand 1", "hand 2"]
    legend = legend_of([group])
    assert list(legend) == ["fist", "open"]
    assert legend["fist"] == FIST
    spans = [(span.start, span.end, span.colour) for span in group.tracks[0].spans]
    assert spans == [(0.0, 4.0, FIST), (4.0, pytest.approx(10.0), legend["open"])]


def test_what_has_no_identity_shares_one_lane() -> None:
    lights = [Light(round(time * 25), time, 100.0, "bright") for time in TIMES]
    [group] = groups([findings.result(Light, lights)], most=10)
    assert [track.label for track in group.tracks] == ["lights"]
    assert (group.count, list(legend_of([group]))) == (len(TIMES), ["bright"])


def test_intervals_share_a_lane_and_say_what_they_are() -> None:
    [group] = groups([findings.result(Gesture, [Gesture(1.0, 2.0, "wave"), Gesture(3.0, 4.0, "nod")])], most=10)
    [track] = group.tracks
    assert (track.label, track.colour, track.apart) == ("gestures", FAINT, True)
    assert [(span.start, span.end, span.text) for span in track.spans] == [(1.0, 2.0, "wave"), (3.0, 4.0, "nod")]
    assert len({span.colour for span in track.spans}) == 2


def test_a_label_without_a_colour_gets_one_that_no_other_label_has() -> None:
    declared = FrameType(name="hand", noun="hand", plural="hands", label_colours={"fist": label_colours_of("a")["a"]})
    assert len(set(label_colours(declared, "abcdefghijk").values())) == 12


def label_colours_of(*labels: str) -> Mapping[str, Colour]:
    return label_colours(FrameType(name="hand", noun="hand", plural="hands"), labels)


def test_those_that_are_built_in_come_first() -> None:
    results = [findings.result(Hand, []), findings.result(type(findings.face(0.0)), [])]
    assert [group.noun for group in groups(results, most=10)] == ["face", "hand"]


def test_a_box_an_arrow_and_a_dot_are_drawn() -> None:
    image = canvas.blank(320, 240)
    colours = Colours([])
    BoxLayer(image, 1.0, colours).draw([hand(0.0)], "hand")
    colour = colours.track(Hand, 1)
    assert area(image[58:63, 75:95], colour) > 20
    assert area(image[58:63, 68:73], (255, 255, 255)) > 5
    assert area(image[40:42, 50:110], colour) > 50


def test_an_overlay_shows_what_lasts_beside_the_time() -> None:
    shown = [findings.result(Gesture, [Gesture(1.0, 2.0, "wave")])]
    during, after = (canvas.blank(320, 240) for _ in range(2))
    overlay = Overlay(shown, 320, 240)
    overlay.draw(during, 1.5)
    overlay.draw(after, 2.5)
    assert (during != canvas.blank(320, 240)).any(axis=2).sum() > 1.5 * (after != canvas.blank(320, 240)).any(
        axis=2
    ).sum()


def test_an_overlay_draws_what_is_seen_in_the_nearest_frame() -> None:
    image = canvas.blank(320, 240)
    overlay = Overlay([findings.result(Hand, [hand(time) for time in TIMES])], 320, 240)
    overlay.draw(image, 1.05)
    assert area(image, Colours([]).track(Hand, 1)) > 300


def test_the_contact_sheet_has_pictures_of_it() -> None:
    found = findings.result(Hand, [hand(time) for time in TIMES])
    [grid] = frame_section(found, Colours([found]))
    assert area(np.asarray(grid), Colours([]).track(Hand, 1)) > 1000
