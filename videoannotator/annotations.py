"""The typed records that pipelines produce and formats write.

Times are container presentation timestamps in seconds. Boxes and keypoints are in pixels of the upright picture, origin
at its top left corner. Scores are probabilities from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import AliasChoices, Field

from videoannotator.record_types import Pixels, RecordType, Score
from videoannotator.record_types.built_in import FACE, PERSON, SCENE, TURN, UTTERANCE

COCO_KEYPOINTS = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""Names of the 17 COCO keypoints, in their fixed order; left and right are the person's own."""

COCO_SKELETON = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8),
    (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
"""Pairs of 0-based keypoint indices that a limb joins (COCO keypoints 2017)."""

FACE_LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth_corner", "left_mouth_corner")
"""Names of the 5 points of a face, in their fixed order; left and right are the person's own."""


class Record(Protocol):
    """Anything that a pipeline can produce: a frozen dataclass that declares its type."""

    record_type: ClassVar[RecordType]


class FrameRecord(Record, Protocol):
    """What is seen in one frame; its ``record_type`` is a `videoannotator.record_types.FrameType`."""

    @property
    def frame(self) -> int:
        """Index of the frame, from 0."""

    @property
    def time(self) -> float:
        """Seconds."""


class IntervalRecord(Record, Protocol):
    """What lasts for a while; its ``record_type`` is a `videoannotator.record_types.IntervalType`."""

    @property
    def start(self) -> float:
        """Seconds."""

    @property
    def end(self) -> float:
        """Seconds; not before ``start``."""


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """An axis-aligned box in pixels: left edge, top edge, width, height."""

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels


@dataclass(frozen=True, slots=True)
class Keypoint:
    """One joint in pixels with its score; a joint that was not seen has score 0 and lies at the origin."""

    x: Pixels
    y: Pixels
    score: Score


@dataclass(frozen=True, slots=True)
class PersonObservation:
    """One person in one frame. ``track_id`` is the person's identity across frames; None while it is not confirmed."""

    record_type: ClassVar[RecordType] = PERSON

    frame: int
    time: float
    track_id: int | None
    box: BoundingBox
    score: float
    keypoints: tuple[Keypoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Gender:
    """What a face looks like to a model; says nothing about who the person is. ``score`` is at least 0.5."""

    label: Literal["female", "male"]
    score: float


@dataclass(frozen=True, slots=True)
class FaceObservation:
    """One face in one frame. ``track_id`` is the face's identity across frames; None while it is not confirmed.

    What was not asked for is None.
    """

    record_type: ClassVar[RecordType] = FACE

    frame: int
    time: float
    track_id: int | None
    box: BoundingBox
    score: float
    landmarks: tuple[tuple[float, float], ...] = ()
    """x and y of `FACE_LANDMARKS`: of all five, or of the first ones if the detector knows no more."""
    emotions: Mapping[str, float] | None = None
    """Probability of each of `videoannotator.emotions.EMOTIONS`; they sum to 1."""
    age: float | None = None
    """Years; a rough estimate."""
    gender: Gender | None = None
    embedding: Annotated[tuple[float, ...] | None, Field(validation_alias=AliasChoices("embedding", "descriptor"))] = (
        None
    )
    """Numbers of length 1: the product of two is the nearer to 1 the more two faces are alike.

    Record files of 2.0.0a1 call it ``descriptor``.
    """

    @property
    def emotion(self) -> str | None:
        """The most probable emotion; None if none was looked for."""
        return max(self.emotions, key=self.emotions.__getitem__) if self.emotions else None


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of video between two cuts; ``end`` and ``end_frame`` are exclusive."""

    record_type: ClassVar[RecordType] = SCENE

    index: int
    start: float
    end: float
    start_frame: int
    end_frame: int
    labels: Mapping[str, float] = field(default_factory=dict)
    """How well each of the labels that were asked for describes it; they sum to 1. Empty if nothing looked."""

    @property
    def label(self) -> str | None:
        """The label that describes it best; None if nothing looked."""
        return max(self.labels, key=self.labels.__getitem__) if self.labels else None

    @property
    def name(self) -> str:
        """Its number, counted from 1, and its label if it has one."""
        return " ".join(filter(None, (str(self.index + 1), self.label)))


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word. ``speaker`` is a `SpeakerTurn.speaker`; None where speakers were not told apart."""

    start: float
    end: float
    text: str
    """As it is written, without space around it."""
    score: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is said without a pause: a sentence or a part of one. Utterances are in the order of their starts."""

    record_type: ClassVar[RecordType] = UTTERANCE

    index: int
    start: float
    end: float
    text: str
    score: float
    """How sure the recogniser is of the text."""
    language: str
    """ISO 639-1 code of the text, for example ``en``."""
    words: tuple[Word, ...] = ()
    """Empty if their times were not asked for."""
    speaker: str | None = None
    """Who says most of it; a `SpeakerTurn.speaker`."""
    speaker_score: float | None = None
    """Part of its time in which that speaker speaks."""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """A stretch in which one person speaks. Turns of different speakers may overlap."""

    record_type: ClassVar[RecordType] = TURN

    index: int
    start: float
    end: float
    speaker: str
    """``SPEAKER_00`` speaks first."""


RECORDS: tuple[type[Record], ...] = (PersonObservation, FaceObservation, Scene, Utterance, SpeakerTurn)
"""The record classes that are built in."""
