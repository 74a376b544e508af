from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation
from videoannotator.identity.faces import INSIDE, FaceLinker, assign

SECONDS = 4.0


def person(time: float, track: int | None, box: BoundingBox) -> PersonObservation:
    return PersonObservation(round(time * 1000), time, track, box, 0.9)


def face(time: float, track: int | None, box: BoundingBox) -> FaceObservation:
    return FaceObservation(round(time * 1000), time, track, box, 0.9)


def body(left: float, top: float = 100, width: float = 100, height: float = 300) -> BoundingBox:
    return BoundingBox(left, top, width, height)


def head(of: BoundingBox, depth: float = 0.02, size: float = 0.4) -> BoundingBox:
    """A face in the middle of the upper part of a body."""
    side = of.width * size
    return BoundingBox(of.x + (of.width - side) / 2, of.y + depth * of.height, side, side)


def link(
    persons: Sequence[PersonObservation], faces: Sequence[FaceObservation], times: Sequence[float] | None = None
) -> dict[int, tuple[int, float]]:
    looked_at = sorted({each.time for each in persons}) if times is None else times
    return dict(FaceLinker(persons, looked_at).link(faces))


def ticks(rate: float, offset: float = 0.0) -> list[float]:
    return [offset + number / rate for number in range(int(SECONDS * rate))]


@settings(deadline=None)  # the first example imports scipy
@given(
    names=st.permutations(range(1, 6)),
    count=st.integers(1, 5),
    rates=st.tuples(st.sampled_from([2, 5, 10, 25]), st.sampled_from([1, 5, 10, 30])),
    speed=st.floats(-20, 20),
)
def test_every_face_is_linked_to_its_own_body_at_any_rates(
    names: list[int], count: int, rates: tuple[int, int], speed: float
) -> None:
    """People side by side, each of whom moves slowly; face ids are in another order than those of persons."""

    def place(who: int, time: float) -> BoundingBox:
        return body(150 * who + speed * time)

    persons = [person(time, who + 1, place(who, time)) for time in ticks(rates[0]) for who in range(count)]
    faces = [face(time, names[who], head(place(who, time))) for time in ticks(rates[1]) for who in range(count)]
    within = [each for each in faces if each.time <= persons[-1].time]
    assert link(persons, within) == {names[who]: (who + 1, 1.0) for who in range(count)}


boxes = st.builds(BoundingBox, st.floats(0, 300), st.floats(0, 300), st.floats(1, 300), st.floats(1, 300))


@settings(deadline=None)
@given(faces=st.lists(boxes, max_size=6), persons=st.lists(boxes, max_size=6))
def test_nobody_has_two_faces_and_no_face_two_persons(faces: list[BoundingBox], persons: list[BoundingBox]) -> None:
    pairs = assign(faces, persons)
    for side in (0, 1):
        used = [pair[side] for pair in pairs]
        assert len(used) == len(set(used))
    for one, other in pairs:
        assert part_inside(faces[one], persons[other]) >= INSIDE - 1e-9


@settings(deadline=None)
@given(faces=st.lists(boxes, max_size=4), persons=st.lists(boxes, max_size=4), data=st.data())
def test_the_order_of_boxes_does_not_matter_for_how_many_faces_are_placed(
    faces: list[BoundingBox], persons: list[BoundingBox], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(faces)), data.draw(st.permutations(persons))
    assert len(assign(faces, persons)) == len(assign(*shuffled))


def part_inside(inner: BoundingBox, outer: BoundingBox) -> float:
    width = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    height = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    return max(width, 0.0) * max(height, 0.0) / (inner.width * inner.height)


def test_a_child_on_a_lap_and_its_parent_keep_their_own_faces() -> None:
    """The child's body lies in front of the parent's, so that the child's face is inside both boxes."""
    parent, child = body(100, 50, 260, 420), body(160, 230, 120, 230)
    persons = [each for time in ticks(5) for each in (person(time, 1, parent), person(time, 2, child))]
    both = [each for time in ticks(5) for each in (face(time, 1, head(child)), face(time, 2, head(parent, size=0.3)))]
    assert link(persons, both) == {1: (2, 1.0), 2: (1, 1.0)}
    only_child = [each for each in both if each.track_id == 1]
    assert link(persons, only_child) == {1: (2, 1.0)}


def test_a_picture_on_a_shirt_is_nobodys_face() -> None:
    standing = body(100)
    low = BoundingBox(130, 100 + 0.7 * 300, 40, 40)
    assert link([person(0, 1, standing), person(1, 1, standing)], [face(0, 1, low), face(1, 1, low)]) == {}


def test_somebody_who_lies_down_has_a_face_at_the_side() -> None:
    lying = BoundingBox(100, 300, 400, 120)
    at_the_side = BoundingBox(420, 380, 36, 36)
    assert link([person(0, 1, lying)], [face(0, 7, at_the_side)]) == {7: (1, 1.0)}


def test_a_face_beside_a_person_is_not_theirs() -> None:
    beside = BoundingBox(185, 110, 40, 40)
    assert link([person(0, 1, body(100))], [face(0, 1, beside)]) == {}


def test_a_face_that_is_on_two_persons_half_of_the_time_each_is_linked_to_nobody() -> None:
    one, other = body(0), body(400)
    persons = [each for time in ticks(5) for each in (person(time, 1, one), person(time, 2, other))]
    torn = [face(time, 1, head(one if number % 2 else other)) for number, time in enumerate(ticks(5))]
    assert link(persons, torn) == {}


def test_the_confidence_is_the_part_of_the_faces_frames() -> None:
    there = body(0)
    persons = [person(time, 4, there) for time in ticks(5)]
    away = BoundingBox(600, 0, 40, 40)
    faces = [face(time, 1, head(there) if number < 15 else away) for number, time in enumerate(ticks(5))]
    assert link(persons, faces) == {1: (4, 0.75)}


def test_a_person_without_an_id_keeps_others_from_their_face() -> None:
    """A face that lies in the boxes of two people goes to the nearer one, also if nobody knows who that is."""
    wide, slim = body(0, 100, 200, 300), body(60, 110, 90, 280)
    persons = [person(0, 1, wide), person(0, None, slim)]
    own, others = head(wide, depth=0.3), head(slim)
    assert link(persons, [face(0, 1, others)]) == {}
    assert link(persons, [face(0, None, others), face(0, 2, own)]) == {2: (1, 1.0)}


def test_without_persons_nearby_in_time_there_is_no_link() -> None:
    there = body(0)
    persons = [person(0.0, 1, there), person(0.2, 1, there)]
    assert link(persons, [face(1.0, 1, head(there))]) == {}
    empty_afterwards = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert link(persons, [face(0.4, 1, head(there))], empty_afterwards) == {}
    assert link([], [face(0.0, 1, head(there))], [0.0]) == {}
    assert link(persons, []) == {}
