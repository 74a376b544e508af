"""People and faces marked in a picture."""

from __future__ import annotations

import numpy as np

from tests.support import findings
from videoannotator.drawing import canvas
from videoannotator.drawing.boxes import BoxLayer
from videoannotator.drawing.colours import Colours

COLOURS = Colours([])


def area(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((image == colour).all(axis=2).sum())


def test_labels_keep_out_of_each_others_way() -> None:
    alone = {}
    for track in (1, 2, 3):
        image = canvas.blank(320, 240)
        boxes = BoxLayer(image, 1.0, COLOURS)
        boxes.draw([findings.person(0.0, track)], "person")
        boxes.label()
        alone[track] = area(image, COLOURS.person(track))
    crowd = canvas.blank(320, 240)
    boxes = BoxLayer(crowd, 1.0, COLOURS)
    boxes.draw([findings.person(0.0, track) for track in (1, 2, 3)], "person")
    before = {track: area(crowd, COLOURS.person(track)) for track in (2, 3)}
    boxes.label()
    label = alone[1] - area_without_label(1)
    for track in (2, 3):
        assert area(crowd, COLOURS.person(track)) - before[track] > 0.7 * label


def area_without_label(track: int) -> int:
    image = canvas.blank(320, 240)
    BoxLayer(image, 1.0, COLOURS).draw([findings.person(0.0, track)], "person")
    return area(image, COLOURS.person(track))


def test_a_label_stays_in_the_picture() -> None:
    image = canvas.blank(120, 90)
    boxes = BoxLayer(image, 1.0, COLOURS)
    boxes.draw([findings.face(0.0, 1, left=110.0)], "face")
    boxes.label()
    assert area(image, COLOURS.face(1)) > 300


def test_whoever_comes_first_is_on_top() -> None:
    image = canvas.blank(320, 240)
    BoxLayer(image, 1.0, COLOURS).draw([findings.person(0.0, 1), findings.person(0.0, 2)])
    assert area(image, COLOURS.person(1)) > area(image, COLOURS.person(2))
