"""COCO JSON (cocodataset.org/#format-data), as pycocotools loads it and as Video Annotation Viewer shows it.

The viewer refuses a file of persons if a single annotation lacks one of 51 keypoint numbers, and shows scenes only from
a list called ``scenes``. It knows a file of faces by ``face_id`` in its first 8 kB, so annotations stand before images;
takes it for persons if there are ``keypoints``, so the points of a face are ``landmarks``; and shows a face only if
``face_id`` is a number and ``attributes`` has ``emotions``. It takes a short file of scenes for persons unless its
description has the word COCO, and whatever has boxes and scores in its first 8 kB for faces if the video's name has
``face`` in it (StillFace_03.mp4), so persons come after images. All of this is legal in COCO.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

from videoannotator.annotations import (
    COCO_KEYPOINTS,
    COCO_SKELETON,
    FACE_LANDMARKS,
    FaceObservation,
    Keypoint,
    PersonObservation,
    Scene,
)
from videoannotator.formats.coco_document import bbox, image, image_id, info, write_document
from videoannotator.identity.links import person_name
from videoannotator.results.durable_files import text_file
from videoannotator.results.result import Result

_PERSON = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(COCO_KEYPOINTS),
    "skeleton": [[first + 1, second + 1] for first, second in COCO_SKELETON],
}
_FACE = {"id": 100, "name": "face", "supercategory": "person"}
_SCENE = {"id": 1, "name": "scene", "supercategory": "video_segment"}
_SEEN = 2
"""COCO's flag for a keypoint that is labelled and visible; 0 is one that is not labelled."""


def write_persons(result: Result, path: Path) -> None:
    """Write persons with track ids and keypoints; one image for each frame that was looked at."""
    found = cast("Sequence[PersonObservation]", result.records)
    people = (_person(result.video, number, person) for number, person in enumerate(found, start=1))
    images = (image(result, index, time) for index, time in result.frames)
    with text_file(path) as file:
        write_document(
            file,
            {"info": info(result), "licenses": [], "categories": [_PERSON]},
            {"images": images, "annotations": people},
        )


def write_faces(result: Result, path: Path) -> None:
    """Write faces with track ids, landmarks, emotions, age and gender; one image for each frame that was looked at."""
    found = cast("Sequence[FaceObservation]", result.records)
    faces = (_face(result, number, face) for number, face in enumerate(found, start=1))
    images = (image(result, index, time) for index, time in result.frames)
    with text_file(path) as file:
        write_document(
            file,
            {"info": info(result), "licenses": [], "categories": [_FACE]},
            {"annotations": faces, "images": images},
        )


def write_scenes(result: Result, path: Path) -> None:
    """Write scenes: a plain list of them, and for each an annotation of the frame in its middle."""
    scenes = cast("Sequence[Scene]", result.records)
    annotations = (_scene_annotation(result, scene) for scene in scenes)
    images = (image(result, *_middle(result, scene)) for scene in scenes)
    with text_file(path) as file:
        write_document(
            file,
            {"info": info(result), "licenses": [], "categories": [_SCENE]},
            {"scenes": map(_scene, scenes), "annotations": annotations, "images": images},
        )


def _person(video: str, number: int, person: PersonObservation) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image_id(video, person.frame),
        "category_id": _PERSON["id"],
        "keypoints": _keypoints(person.keypoints),
        "num_keypoints": sum(joint.score > 0 for joint in person.keypoints),
        **bbox(person.box),
        "score": round(person.score, 4),
        "track_id": person.track_id,
        "timestamp": round(person.time, 6),
        "frame_number": person.frame,
        "person_id": person_name(person.track_id) if person.track_id is not None else "person_unknown",
        "person_label": "person",
        "label_confidence": round(person.score, 4),
        "labeling_method": "tracking" if person.track_id is not None else "detection",
    }


def _face(result: Result, number: int, face: FaceObservation) -> dict[str, Any]:
    """Return one face; ``face_id`` is 0 for one without identity, ``person_id`` is there for one that is linked."""
    return {
        "id": number,
        "image_id": image_id(result.video, face.frame),
        "category_id": _FACE["id"],
        **bbox(face.box),
        "score": round(face.score, 4),
        "face_id": face.track_id or 0,
        "track_id": face.track_id,
        "timestamp": round(face.time, 6),
        "frame_number": face.frame,
        "landmarks": {
            name: [round(x, 2), round(y, 2)] for name, (x, y) in zip(FACE_LANDMARKS, face.landmarks, strict=False)
        },
        **_owner(result, face),
        **_attributes(face),
        "attributes": {"emotions": _ranked(face.emotions or {})},
    }


def _owner(result: Result, face: FaceObservation) -> dict[str, Any]:
    link = None if face.track_id is None else result.links.get(face.track_id)
    if link is None or link.person is None:
        return {}
    return {"person_id": person_name(link.person), "person_link_confidence": round(link.confidence, 4)}


def _attributes(face: FaceObservation) -> dict[str, Any]:
    """Return emotion, age, gender and embedding, each only if it was asked for."""
    attributes: dict[str, Any] = {}
    if face.emotions and face.emotion:
        scores = {name: round(score, 4) for name, score in face.emotions.items()}
        attributes |= {"emotion": face.emotion, "emotion_confidence": scores[face.emotion], "emotion_scores": scores}
    if face.age is not None:
        attributes["age"] = round(face.age, 1)
    if face.gender is not None:
        attributes |= {"gender": face.gender.label, "gender_confidence": round(face.gender.score, 4)}
    if face.embedding is not None:
        attributes["embedding"] = [round(number, 5) for number in face.embedding]
    return attributes


def _ranked(emotions: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return score and rank of each emotion, the most probable, of rank 1, first."""
    order = sorted(emotions, key=lambda name: -emotions[name])
    return {
        name: {"score": round(emotions[name], 4), "rank": rank, "raw_score": round(emotions[name], 4)}
        for rank, name in enumerate(order, start=1)
    }


def _keypoints(joints: Sequence[Keypoint]) -> list[float]:
    """Return 51 numbers: x, y and visibility of each joint; three zeros for one that was not seen."""
    if not joints:
        return [0] * (3 * len(COCO_KEYPOINTS))
    rows = ([round(joint.x, 2), round(joint.y, 2), _SEEN] if joint.score > 0 else [0, 0, 0] for joint in joints)
    return list(chain.from_iterable(rows))


def _middle(result: Result, scene: Scene) -> tuple[int, float]:
    """Return index and time of the frame in the middle of ``scene``, out of those that were looked at."""
    after = bisect_right(result.frames, (scene.start + scene.end) / 2, key=lambda frame: frame[1])
    return result.frames[max(after - 1, 0)]


def _scene(scene: Scene) -> dict[str, Any]:
    return {
        "id": scene.index + 1,
        "start_time": round(scene.start, 6),
        "end_time": round(scene.end, 6),
        "duration": round(scene.end - scene.start, 6),
        "scene_type": scene.label or "unknown",
        "score": round(scene.labels[scene.label], 4) if scene.label else 1.0,
        "frame_start": scene.start_frame,
        "frame_end": scene.end_frame,
    }


def _scene_annotation(result: Result, scene: Scene) -> dict[str, Any]:
    width, height = result.info.width or 0, result.info.height or 0
    frame, time = _middle(result, scene)
    return {
        **_scene(scene),
        "image_id": image_id(result.video, frame),
        "category_id": 1,
        "bbox": [0, 0, width, height],
        "area": width * height,
        "iscrowd": 0,
        "video_id": result.video,
        "timestamp": round(time, 6),
        "all_scores": {name: round(score, 4) for name, score in scene.labels.items()},
    }
