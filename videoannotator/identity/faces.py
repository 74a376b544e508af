"""Which face is on which person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation
from videoannotator.identity.nearest_frame import NearestFrame

INSIDE = 0.7
"""Part of the face's box that must lie in the person's box."""
UPPER = 2 / 3
"""Part of an upright person's box, from its top, in which the middle of the face must lie."""
MOST = 0.5
"""Part of a face's frames in which it must be on the same person; more than this."""

_REACH = 0.75
"""Usual distances between frames that may lie between a face and the person: a half if all were alike."""
_ANY = 100.0
_DISTANCE_WEIGHT = 0.5


class FaceLinker:
    """Compares faces with the persons of the nearest frame, and remembers on whom each face was seen."""

    def __init__(self, persons: Sequence[PersonObservation], times: Sequence[float]) -> None:
        """``times``: of all frames in which persons were looked for; ``persons``: in the order of their times."""
        self._persons = NearestFrame(persons, times, _REACH)

    def link(self, faces: Sequence[FaceObservation]) -> Mapping[int, tuple[int, float]]:
        """Return the person of each face that has one, and in which part of its frames it was on that person.

        Faces come in the order of their times. Persons without a track id take part, so that no other person gets
        their faces, but no face is linked to them.
        """
        frames: Counter[int] = Counter()
        together: dict[int, Counter[int]] = defaultdict(Counter)
        for time, group in groupby(faces, _time):
            present = list(group)
            frames.update(face.track_id for face in present if face.track_id is not None)
            for face, person in self._pairs(present, time):
                if face.track_id is not None and person.track_id is not None:
                    together[face.track_id][person.track_id] += 1
        best = {face: persons.most_common(1)[0] for face, persons in sorted(together.items())}
        return {
            face: (person, matched / frames[face])
            for face, (person, matched) in best.items()
            if matched > MOST * frames[face]
        }

    def _pairs(
        self, faces: Sequence[FaceObservation], time: float
    ) -> Iterator[tuple[FaceObservation, PersonObservation]]:
        persons = self._persons.near(time)
        chosen = assign([face.box for face in faces], [person.box for person in persons])
        return ((faces[one], persons[other]) for one, other in chosen)


def _time(seen: PersonObservation | FaceObservation) -> float:
    return seen.time


def assign(faces: Sequence[BoundingBox], persons: Sequence[BoundingBox]) -> list[tuple[int, int]]:
    """Return which of ``faces`` is on which of ``persons``, as pairs of indices: each occurs in one pair at most.

    Of all ways to do so it is the one with the most faces on persons, and of these the one in which faces lie deepest
    inside boxes and nearest to the middle of their upper edges.
    """
    if not faces or not persons:
        return []
    from scipy.optimize import linear_sum_assignment

    fits = _fits(_corners(faces), _corners(persons))
    rows, columns = linear_sum_assignment(fits, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if fits[row, column] > 0]


def _fits(faces: NDArray[np.float64], persons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how well each face sits on each person: 0 if it cannot be theirs, otherwise about 100."""
    size = np.maximum(persons[:, 2:] - persons[:, :2], 1e-9)
    common = np.minimum(faces[:, None, 2:], persons[None, :, 2:]) - np.maximum(faces[:, None, :2], persons[None, :, :2])
    areas = np.maximum(np.prod(faces[:, 2:] - faces[:, :2], axis=1), 1e-9)
    inside = np.prod(np.clip(common, 0, None), axis=2) / areas[:, None]
    middles = (faces[:, :2] + faces[:, 2:]) / 2
    place = (middles[:, None] - persons[None, :, :2]) / size
    upright = size[:, 1] > size[:, 0]
    possible = (inside >= INSIDE) & (~upright[None, :] | (place[..., 1] <= UPPER))
    distance = np.hypot(place[..., 0] - 0.5, place[..., 1])
    return np.asarray(np.where(possible, _ANY + inside - _DISTANCE_WEIGHT * distance, 0.0))


def _corners(boxes: Sequence[BoundingBox]) -> NDArray[np.float64]:
    return np.array([(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes])
