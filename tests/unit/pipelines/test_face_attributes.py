from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from videoannotator.pipelines.face_analysis.attributes import AttributeReader, EmotionReader


class Net:
    """Keeps what it is given, and answers with ``outputs`` for each face."""

    def __init__(self, *outputs: NDArray[np.float32]) -> None:
        self._outputs = outputs
        self.batches: list[NDArray[Any]] = []

    def run(self, batch: NDArray[Any]) -> list[NDArray[np.float32]]:
        self.batches.append(batch)
        return [np.repeat(output[None], len(batch), axis=0) for output in self._outputs]


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.asarray(rows, np.float32)


def test_the_net_of_emotions_sees_a_square_in_grey_from_minus_one_to_one() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, 50:] = 255
    net = Net(np.full(7, 2.0, np.float32))
    found = EmotionReader(net).read(image, boxes((40, 20, 60, 60)))
    [seen] = net.batches
    assert (seen.shape, seen.dtype) == ((1, 64, 64, 1), np.float32)
    # 40 pixels wide around column 50, although the box is only 20 wide.
    assert (seen[0, :, :30] == -1).all()
    assert (seen[0, :, 34:] == 1).all()
    assert found[0] == pytest.approx([1 / 7] * 7)


def test_a_square_that_leaves_the_picture_goes_on_with_its_edge() -> None:
    net = Net(np.ones(7, np.float32))
    EmotionReader(net).read(np.full((50, 50, 3), 255, np.uint8), boxes((-20, -20, 20, 20), (40, 45, 50, 50)))
    assert (net.batches[0] == 1).all()


def test_age_is_the_mean_of_all_years_and_embeddings_have_length_one() -> None:
    ages = np.zeros(100, np.float32)
    ages[[30, 40]] = 0.5, 0.5
    net = Net(np.asarray([0.25], np.float32), np.full(1024, 3.0, np.float32), ages)
    looks = AttributeReader(net).read(np.full((80, 80, 3), 200, np.uint8), boxes((10, 10, 50, 60)))
    assert looks.ages == pytest.approx([35])
    assert looks.male == pytest.approx([0.25])
    assert np.linalg.norm(looks.embeddings, axis=1) == pytest.approx([1])
    assert (net.batches[0] == 200).all()
    assert net.batches[0].shape == (1, 224, 224, 3)


def test_a_crowd_is_read_in_batches() -> None:
    net = Net(np.ones(7, np.float32))
    found = EmotionReader(net).read(np.zeros((50, 50, 3), np.uint8), boxes(*[(0, 0, 20, 20)] * 40))
    assert [len(batch) for batch in net.batches] == [4] * 10
    assert found.shape == (40, 7)
