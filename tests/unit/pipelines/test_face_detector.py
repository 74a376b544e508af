from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from videoannotator.pipelines.face_analysis.detector import FaceDetector
from videoannotator.pipelines.face_analysis.faces import Selection

Spots = dict[tuple[int, int], tuple[float, float, float]]


class Maps:
    """A net that finds a face at each of ``spots``: row and column of its middle to likelihood, width and height."""

    def __init__(self, spots: Spots) -> None:
        self.spots = spots
        self.seen: tuple[int, ...] = ()

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        self.seen = batch.shape
        rows, columns = batch.shape[2] // 4, batch.shape[3] // 4
        heat, size, offset, points = (np.zeros((1, depth, rows, columns), np.float32) for depth in (1, 2, 2, 10))
        for (row, column), (likelihood, width, height) in self.spots.items():
            heat[0, 0, row, column] = likelihood
            size[0, :, row, column] = np.log([height / 4, width / 4])
            offset[0, :, row, column] = (0.25, -0.25)
            # Each point a tenth further down and two tenths further to the right, in parts of the box.
            points[0, :, row, column] = np.ravel([(0.1 * index, 0.2 * index) for index in range(5)])
        return [heat, size, offset, points]


def detector(spots: Spots, confidence: float = 0.5, smallest: int = 1, limit: int = 10) -> FaceDetector:
    return FaceDetector(Maps(spots), Selection(confidence, 0.3, smallest, limit))


def picture(width: int, height: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_a_face_lies_where_the_maps_say() -> None:
    faces = detector({(10, 20): (0.9, 16.0, 24.0)}).detect(picture(160, 96))
    # The middle of column 20 is 82, and a quarter of 4 pixels to its left is 81; likewise 42 and 43 downwards.
    assert faces.boxes.tolist() == [pytest.approx([73, 31, 89, 55], abs=1e-4)]
    assert faces.scores == pytest.approx([0.9])
    assert faces.landmarks[0] == pytest.approx(
        np.asarray([(73 + 3.2 * index, 31 + 2.4 * index) for index in range(5)]), abs=1e-4
    )


@pytest.mark.parametrize(
    ("size", "seen"),
    [((160, 96), (96, 160)), ((161, 90), (96, 192)), ((1920, 1080), (544, 960)), ((1, 1), (32, 32))],
)
def test_the_net_sees_multiples_of_32_and_no_more_than_960(size: tuple[int, int], seen: tuple[int, int]) -> None:
    net = Maps({})
    assert len(FaceDetector(net, Selection(0.5, 0.3, 1, 10)).detect(picture(*size))) == 0
    assert net.seen == (1, 3, *seen)


def test_faces_come_in_the_pixels_of_the_picture() -> None:
    faces = detector({(68, 120): (0.9, 96.0, 54.4)}).detect(picture(1920, 1080))
    width, height = (faces.boxes[0, 2:] - faces.boxes[0, :2]).tolist()
    assert (width, height) == pytest.approx((192, 108), abs=1e-3)


def test_a_face_reaches_no_further_than_the_picture() -> None:
    faces = detector({(0, 0): (0.9, 40.0, 40.0)}).detect(picture(160, 96))
    assert faces.boxes[0, :2].tolist() == [0, 0]


def test_the_best_of_overlapping_faces_stays_and_the_best_come_first() -> None:
    spots = {(10, 10): (0.6, 20.0, 20.0), (10, 11): (0.9, 20.0, 20.0), (10, 30): (0.95, 20.0, 20.0)}
    assert detector(spots).detect(picture(160, 96)).scores == pytest.approx([0.95, 0.9])
    assert detector(spots, limit=1).detect(picture(160, 96)).scores == pytest.approx([0.95])


def test_a_face_that_is_small_or_uncertain_is_left_out() -> None:
    spots = {(10, 10): (0.49, 20.0, 20.0), (10, 20): (0.9, 19.0, 40.0), (10, 30): (0.8, 20.0, 20.0)}
    assert detector(spots, smallest=20).detect(picture(160, 96)).scores == pytest.approx([0.8])


def test_a_small_face_does_not_suppress_a_large_one() -> None:
    spots = {(10, 10): (0.9, 18.0, 18.0), (10, 11): (0.8, 22.0, 22.0)}
    assert detector(spots, smallest=20).detect(picture(160, 96)).scores == pytest.approx([0.8])
