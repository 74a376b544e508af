"""Results for tests of formats: some by hand, and any that a pipeline could produce."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from videoannotator.annotations import (
    COCO_KEYPOINTS,
    BoundingBox,
    FaceObservation,
    Gender,
    Keypoint,
    PersonObservation,
    Record,
    Scene,
    SpeakerTurn,
    Utterance,
    Word,
)
from videoannotator.emotions import EMOTIONS
from videoannotator.media.info import MediaInfo
from videoannotator.results.result import NoThumbnails, Result

INFO = MediaInfo(
    container="mov", duration=4.0, width=320, height=240, frame_rate=25.0, video_codec="h264", audio_codec="aac"
)
FRAMES = [(index, index / 25) for index in range(0, 100, 5)]
PROVENANCE = {
    "program": {"name": "videoannotator", "version": "2.0.0"},
    "video": {"name": "clip", "filename": "Ünser clip.mp4"},
    "finished_at": "2025-03-01T12:00:00Z",
}

JOINTS = tuple(Keypoint(10.0 * index, 7.125 * index, index / 17) for index in range(len(COCO_KEYPOINTS)))
PEOPLE = [
    PersonObservation(index, time, track, BoundingBox(50.555, 30.0, 90.25, 180.0), 0.75, JOINTS if track == 1 else ())
    for index, time in FRAMES
    for track in (1, 12, None)
    if (track, index) not in {(1, 45), (1, 50), (1, 55)}
]
FACES = [
    FaceObservation(
        index,
        time,
        2,
        BoundingBox(60.0, 30.0, 30.0, 40.0),
        0.9,
        tuple((60.5 + step, 40.0) for step in range(5)),
        {name: float(name == ("happy" if index < 50 else "sad")) for name in EMOTIONS},
        31.25,
        Gender("male", 0.75),
    )
    for index, time in FRAMES
]
SCENES = [Scene(0, 0.0, 1.9999996, 0, 50), Scene(1, 1.9999996, 4.0, 50, 100, {"kitchen": 0.75, "garden": 0.25})]
WORDS = (Word(0.1234, 0.5, "Grüß", 0.9, "SPEAKER_00"), Word(0.5, 1.0005, "Gott!", 0.8, "SPEAKER_00"))
UTTERANCES = [
    Utterance(0, 0.1234, 1.0005, "Grüß Gott!", 0.85, "de", WORDS, "SPEAKER_00", 1.0),
    Utterance(1, 0.9, 2.5, "日本語 <b>& more</b> --> here", 0.5, "ja", (), "SPEAKER_01", 0.75),
    Utterance(2, 3.0, 3.0, "Oh", 0.4, "en"),
]
TURNS = [
    SpeakerTurn(0, 0.1, 1.2, "SPEAKER_00"),
    SpeakerTurn(1, 0.9, 2.5004, "SPEAKER_01"),
    SpeakerTurn(2, 2.5004, 2.5004, "SPEAKER_00"),
]
EVERYTHING: dict[type[Record], list[Any]] = {
    PersonObservation: PEOPLE,
    FaceObservation: FACES,
    Scene: SCENES,
    Utterance: UTTERANCES,
    SpeakerTurn: TURNS,
}

quick = settings(
    max_examples=40, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def result(
    record: type[Record], records: Sequence[Record] = (), pipeline: str = "pipeline", video: str = "clip"
) -> Result:
    """Return what a pipeline found."""
    return Result(video, INFO, pipeline, record, records, FRAMES, NoThumbnails(), PROVENANCE)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
SPEAKERS = st.sampled_from(["SPEAKER_00", "SPEAKER_01", "Anna Müller", "<x> & y"])
TIMES = st.floats(0, 100_000, allow_nan=False)
SCORES = st.floats(0, 1)
_SPANS = st.tuples(TIMES, st.floats(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))
_BOXES = st.builds(BoundingBox, *[st.floats(-1e4, 1e4)] * 4)
_TRACKS = st.none() | st.integers(1, 5000)
_WORDS = st.builds(
    lambda span, text, score, speaker: Word(*span, text, score, speaker), _SPANS, TEXTS, SCORES, st.none() | SPEAKERS
)
_KEYPOINTS = st.lists(st.builds(Keypoint, TIMES, TIMES, SCORES), min_size=17, max_size=17).map(tuple)
_FEELINGS = st.lists(SCORES, min_size=7, max_size=7).map(lambda scores: dict(zip(EMOTIONS, scores, strict=True)))

ANY_PERSON = st.builds(
    PersonObservation, st.integers(0, 10**7), TIMES, _TRACKS, _BOXES, SCORES, st.just(()) | _KEYPOINTS
)
ANY_FACE = st.builds(
    FaceObservation,
    st.integers(0, 10**7),
    TIMES,
    _TRACKS,
    _BOXES,
    SCORES,
    st.lists(st.tuples(TIMES, TIMES), min_size=5, max_size=5).map(tuple) | st.just(()),
    st.none() | _FEELINGS,
    st.none() | st.floats(0, 120),
    st.none() | st.builds(Gender, st.sampled_from(["female", "male"]), SCORES),
    st.none() | st.lists(st.floats(-1, 1), min_size=1, max_size=4).map(tuple),
)
ANY_SCENE = st.builds(
    lambda index, span, labels: Scene(index, *span, 0, 1, labels),
    st.integers(0, 1000),
    _SPANS,
    st.dictionaries(TEXTS, SCORES, max_size=3),
)
ANY_UTTERANCE = st.builds(
    lambda index, span, text, score, words, speaker, share: Utterance(
        index, *span, text, score, "en", tuple(words), speaker, share
    ),
    st.integers(0, 1000),
    _SPANS,
    TEXTS,
    SCORES,
    st.lists(_WORDS, max_size=3),
    st.none() | SPEAKERS,
    st.none() | SCORES,
)
ANY_TURN = st.builds(
    lambda index, span, speaker: SpeakerTurn(index, *span, speaker), st.integers(0, 1000), _SPANS, SPEAKERS
)
ANY: dict[type[Record], st.SearchStrategy[Any]] = {
    PersonObservation: ANY_PERSON,
    FaceObservation: ANY_FACE,
    Scene: ANY_SCENE,
    Utterance: ANY_UTTERANCE,
    SpeakerTurn: ANY_TURN,
}


def by_start(records: list[Any]) -> list[Any]:
    """Return records in the order in which pipelines give them."""
    return sorted(records, key=key_of(records[0])) if records else records


def key_of(record: Any) -> Callable[[Any], float]:
    return (lambda each: each.time) if hasattr(record, "time") else (lambda each: each.start)
