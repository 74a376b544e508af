from collections.abc import Callable, Sequence
from typing import Any

import pytest

from videoannotator.annotations import BoundingBox, FaceObservation, PersonObservation
from videoannotator.identity import Seen, identify
from videoannotator.media.frame import Frame
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.pipeline import FaceAnalysis
from videoannotator.pipelines.person_tracking.config import PersonTrackingConfig
from videoannotator.pipelines.person_tracking.pipeline import PersonTracking
from videoannotator.testing.demo_clip import PEOPLE_FRAMES, Person, people


def centre(box: BoundingBox) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def owner(box: BoundingBox, frame: int, cast: Sequence[Person]) -> str:
    """Whose known box has its middle nearest to that of ``box``, from left to right."""
    return min(cast, key=lambda person: abs(centre(person.box(frame))[0] - centre(box)[0])).name


@pytest.mark.slow
def test_the_faces_of_the_demo_clip_are_linked_to_the_people_they_belong_to(
    demo_frames: list[Frame], annotate: Callable[..., Any]
) -> None:
    """Persons are looked for in every second frame only: the pipelines need not have the same rate."""
    shown = [frame for frame in demo_frames if frame.index < PEOPLE_FRAMES]
    everywhere: dict[str, Any] = {"frames_per_second": None}
    quick = {"detect_emotions": False, "detect_age": False, "detect_gender": False}
    persons: Sequence[PersonObservation] = annotate(
        PersonTracking, PersonTrackingConfig(**everywhere, pose=False), shown[::2]
    )
    faces: Sequence[FaceObservation] = annotate(FaceAnalysis, FaceAnalysisConfig(**everywhere, **quick), shown)
    identities = identify(
        Seen(persons, [(frame.index, frame.time) for frame in shown[::2]]),
        Seen(faces, [(frame.index, frame.time) for frame in shown]),
    )
    cast = people()
    truth = {time: index for index, time in ((frame.index, frame.time) for frame in shown)}
    who_has = {person.track_id: owner(person.box, truth[person.time], cast) for person in persons}
    tracks = {face.track_id: owner(face.box, truth[face.time], cast) for face in faces if face.track_id is not None}
    assert "astronaut" in tracks.values()
    assert set(identities.faces) == set(tracks)
    for face, link in identities.faces.items():
        assert who_has[link.person] == tracks[face]
        assert link.confidence > 0.9
