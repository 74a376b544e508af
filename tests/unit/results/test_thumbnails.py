import numpy as np
import pytest

from videoannotator.media.frame import Frame
from videoannotator.results.thumbnails import THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH, Thumbnails


def frame(index: int, width: int = 64, height: int = 36) -> Frame:
    return Frame(index, index / 25, np.full((height, width, 3), index % 256, np.uint8))


@pytest.mark.parametrize("count", [0, 1, 5, 95, 96, 97, 1000, 12345])
def test_pictures_are_few_and_spread_over_the_whole_video(count: int) -> None:
    thumbnails = Thumbnails()
    image = frame(0)
    for index in range(count):
        thumbnails.add(Frame(index, index / 25, image.image))
    indices = [picture.index for picture in thumbnails.pictures]
    assert len(indices) == count if count <= 96 else 48 <= len(indices) <= 96
    assert indices[:1] == list(range(count))[:1]
    gaps = np.diff([*indices, count]) if count else np.asarray([0])
    assert gaps.max() <= max(1, count / 47)


def test_moments_that_were_pointed_out_are_kept_besides() -> None:
    thumbnails = Thumbnails()
    for index in range(2000):
        thumbnails.add(frame(index), notable=index in (777, 1501))
    assert {777, 1501} <= {picture.index for picture in thumbnails.pictures}


def test_pointing_out_everything_does_not_fill_the_memory() -> None:
    thumbnails = Thumbnails()
    for index in range(5000):
        thumbnails.add(frame(index), notable=True)
    assert len(thumbnails.pictures) <= 192


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (1080, 1920), (480, 360), (64, 36)])
def test_pictures_are_small_and_keep_their_shape(width: int, height: int) -> None:
    thumbnails = Thumbnails()
    thumbnails.add(frame(3, width, height))
    picture = thumbnails.pictures[0]
    assert picture.image.shape[0] <= THUMBNAIL_HEIGHT
    assert picture.image.shape[1] <= THUMBNAIL_WIDTH
    assert picture.image.shape[1] == pytest.approx(width * picture.scale, abs=1)
    assert picture.image.shape[0] == pytest.approx(height * picture.scale, abs=1)


def test_a_picture_does_not_share_memory_with_its_frame() -> None:
    thumbnails, source = Thumbnails(), frame(7)
    thumbnails.add(source)
    assert not np.shares_memory(thumbnails.pictures[0].image, source.image)
