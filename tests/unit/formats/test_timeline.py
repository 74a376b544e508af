import pytest

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation, Scene
from videoannotator.formats import canvas
from videoannotator.formats.timeline import Cast, clock, timeline


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
    assert clock(seconds) == text


def seen(track: int | None, *times: float) -> list[PersonObservation]:
    return [PersonObservation(0, time, track, BoundingBox(0, 0, 10, 10), 0.5) for time in times]


def test_each_track_has_its_colour_where_it_was_seen() -> None:
    people = [*seen(1, 0, 1, 2, 3), *seen(2, 6, 7, 8, 9), *seen(None, 4)]
    frames = [(second, float(second)) for second in range(10)]
    image = timeline(1000, 10.0, [], [Cast("person", "people", people, frames, canvas.track_colour)])
    label = 110
    shown = {
        track: (image[:, label:] == canvas.track_colour(track)).all(axis=2).any(axis=0).nonzero()[0] for track in (1, 2)
    }
    width = 1000 - label
    assert shown[1].min() < 0.02 * width < 0.38 * width < shown[1].max() < 0.42 * width
    assert 0.58 * width < shown[2].min() < 0.62 * width < 0.95 * width < shown[2].max()


def test_many_tracks_do_not_make_it_endless() -> None:
    people = [person for track in range(1, 60) for person in seen(track, 0.0, 1.0)]
    cast = Cast("person", "people", people, [(0, 0.0), (1, 1.0)], canvas.track_colour)
    assert timeline(1000, 2.0, [Scene(0, 0.0, 2.0, 0, 50)], [cast]).shape[0] < 320


def test_a_video_of_no_length_is_drawn_too() -> None:
    assert timeline(400, 0.0, [], []).shape[1] == 400


def test_people_and_faces_have_rows_of_their_own() -> None:
    faces = [FaceObservation(0, time, 1, BoundingBox(0, 0, 10, 10), 0.5) for time in (0.0, 1.0)]
    frames = [(0, 0.0), (1, 1.0)]
    people = Cast("person", "people", seen(1, 0.0, 1.0), frames, canvas.track_colour)
    both = timeline(1000, 2.0, [], [people, Cast("face", "faces", faces, frames, canvas.face_colour)])
    assert both.shape[0] > timeline(1000, 2.0, [], [people]).shape[0]
    for colour in (canvas.track_colour(1), canvas.face_colour(1)):
        assert (both == colour).all(axis=2).any()
