"""Faces in a frame, what they look like, and what finds and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import Gender
from videoannotator.media.frame import Image
from videoannotator.pipelines.boxes import Boxes, Scores, nms

Landmarks = NDArray[np.float32]
"""n x 5 x 2: x and y in pixels of each point of each face; not a number where a detector does not tell."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces in one frame, the most certain first."""

    boxes: Boxes
    """n x 4: left, top, right, bottom in pixels, within the frame."""
    scores: Scores
    """n, 0..1."""
    landmarks: Landmarks

    def __len__(self) -> int:
        return len(self.scores)

    def at(self, indices: NDArray[np.intp]) -> Faces:
        """Return the faces at ``indices``, in that order."""
        return Faces(self.boxes[indices], self.scores[indices], self.landmarks[indices])


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the faces that a detector finds are kept."""

    confidence: float
    """Least score."""
    overlap: float
    """Two boxes that overlap more than this (intersection over union) are one face."""
    smallest: int
    """Least width and height of a face in pixels."""
    limit: int
    """Most faces."""

    def of(self, found: Faces, width: int, height: int) -> Faces:
        """Return the faces to keep in a frame of ``width`` x ``height``, each of them once and within the frame."""
        boxes = np.clip(found.boxes, 0, np.asarray([width, height, width, height], np.float32))
        large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf) >= self.smallest
        kept = np.flatnonzero(large & (found.scores >= self.confidence))
        faces = Faces(boxes, found.scores, found.landmarks).at(kept)
        return faces.at(nms(faces.boxes, faces.scores, self.overlap)[: self.limit])


@dataclass(frozen=True, slots=True)
class FaceAttributes:
    """What one face looks like. What was not asked for is None."""

    emotions: NDArray[np.float32] | None = None
    """Probability of each of `videoannotator.emotions.EMOTIONS`; they sum to 1."""
    age: float | None = None
    """Years."""
    male: float | None = None
    """Probability."""
    embedding: NDArray[np.float32] | None = None
    """Of length 1."""

    @property
    def gender(self) -> Gender | None:
        """The more probable gender."""
        if self.male is None:
            return None
        return Gender("male", self.male) if self.male > 0.5 else Gender("female", 1 - self.male)


class FaceBackend(Protocol):
    """Finds and reads the faces in frames."""

    def detect(self, image: Image) -> Faces:
        """Return the faces in ``image`` (height x width x 3, RGB) that the configuration lets pass."""

    def read(self, image: Image, faces: Faces) -> Sequence[FaceAttributes]:
        """Return what each of ``faces``, of which there is at least one, looks like."""
