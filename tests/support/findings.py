"""Results about a small made-up video, for whatever writes or draws them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from videoannotator.annotations import (
    BoundingBox,
    FaceObservation,
    Keypoint,
    PersonObservation,
    Record,
    Scene,
    SpeakerTurn,
    Utterance,
    Word,
)
from videoannotator.emotions import EMOTIONS
from videoannotator.media.frame import Frame
from videoannotator.media.info import MediaInfo
from videoannotator.results.result import Result
from videoannotator.results.thumbnails import Thumbnails

INFO = MediaInfo(
    container="mov", duration=10.0, width=320, height=240, frame_rate=25.0, video_codec="h264", audio_codec="aac"
)
TIMES = tuple(number / 5 for number in range(50))
POSE = tuple(Keypoint(60.0 + 4 * index, 40.0 + 9 * index, 0.9) for index in range(17))


def person(time: float, track: int | None = 1, left: float = 50.0) -> PersonObservation:
    return PersonObservation(round(time * 25), time, track, BoundingBox(left, 40, 90, 180), 0.9, POSE)


def face(time: float, track: int | None = 1, left: float = 75.0, emotion: str | None = "happy") -> FaceObservation:
    moods = {name: 0.94 if name == emotion else 0.01 for name in EMOTIONS} if emotion else None
    return FaceObservation(round(time * 25), time, track, BoundingBox(left, 45, 40, 50), 0.9, (), moods)


def utterance(index: int, start: float, text: str, speaker: str | None = "SPEAKER_00") -> Utterance:
    """Return an utterance of a word each half second."""
    spoken = text.split()
    words = tuple(Word(start + n / 2, start + (n + 1) / 2 - 0.05, word, 0.9, speaker) for n, word in enumerate(spoken))
    return Utterance(index, start, start + len(words) / 2, text, 0.8, "en", words, speaker, 1.0)


def turn(index: int, start: float, end: float, speaker: str = "SPEAKER_00") -> SpeakerTurn:
    return SpeakerTurn(index, start, end, speaker)


def scenes(*cuts: float) -> list[Scene]:
    """Return the scenes between the start, ``cuts`` and the end of the video."""
    edges = [0.0, *cuts, INFO.duration]
    return [Scene(index, a, b, round(a * 25), round(b * 25)) for index, (a, b) in enumerate(pairwise(edges))]


def result(
    record: type[Record],
    records: Sequence[Record],
    *,
    info: MediaInfo = INFO,
    pipeline: str = "pipeline",
    video: str = "clip",
    times: Sequence[float] = TIMES,
) -> Result:
    """Return a result whose frames are grey."""
    thumbnails = Thumbnails()
    if info.width and info.height:
        for time in times:
            thumbnails.add(Frame(round(time * 25), time, np.full((info.height, info.width, 3), 90, np.uint8)))
    frames = [(round(time * 25), time) for time in times]
    return Result(video, info, pipeline, record, records, frames, thumbnails, {})
