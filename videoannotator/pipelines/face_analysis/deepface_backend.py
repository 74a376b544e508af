"""The deepface library as a backend: its detectors, its models of emotion, age and gender, its embeddings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import FACE_LANDMARKS
from videoannotator.media.frame import Image
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.deepface_library import (
    Client,
    library,
    load_detector,
    load_embedder,
    load_reader,
)
from videoannotator.pipelines.face_analysis.deepface_models import ATTRIBUTES, DETECTORS, EMBEDDING_MODELS
from videoannotator.pipelines.face_analysis.faces import FaceAttributes, Faces, Selection

_LONGEST = 960
_SIDE = 224
_POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""DeepFace's names of FACE_LANDMARKS."""

Crops = NDArray[np.float32]


class DeepFaceBackend:
    """Does what ``DeepFace.analyze`` and ``DeepFace.represent`` do, step by step, for the faces that are kept.

    Pictures whose longer side exceeds 960 pixels are made smaller for the detector, and only for the detector.
    """

    def __init__(self, config: FaceAnalysisConfig, selection: Selection, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._selection = selection
        self._detection = library("modules.detection")
        self._preprocessing = library("modules.preprocessing")
        # The environment is the only place where the library looks for them.
        for name in ("CENTERFACE_THRESHOLD", "yunet_score_threshold"):
            os.environ[name] = str(selection.confidence)
        self._detector = sessions.load(DETECTORS[config.deepface_detector], load_detector)

        def reader(name: str, wanted: bool) -> Client | None:
            return sessions.load(ATTRIBUTES[name], load_reader) if wanted else None

        self._emotion = reader("Emotion", config.detect_emotions)
        self._age = reader("Age", config.detect_age)
        self._gender = reader("Gender", config.detect_gender)
        wanted = EMBEDDING_MODELS[config.deepface_embedding_model]
        self._embedder = sessions.load(wanted, load_embedder) if config.embeddings else None

    def detect(self, image: Image) -> Faces:
        """Return the faces in ``image``."""
        height, width = image.shape[:2]
        scale = min(1.0, _LONGEST / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        with self._detector.lock:
            areas = self._detector.model.detect_faces(np.ascontiguousarray(small[:, :, ::-1]))
        found = _faces(areas, np.asarray([width / size[0], height / size[1]], np.float32))
        return self._selection.of(found, width, height)

    def read(self, image: Image, faces: Faces) -> Sequence[FaceAttributes]:
        """Return what each of ``faces`` looks like."""
        crops = self._crops(np.ascontiguousarray(image[:, :, ::-1]), faces)
        batch = self._batch(crops, (_SIDE, _SIDE))
        emotions, ages, genders = (_predict(each, batch) for each in (self._emotion, self._age, self._gender))
        embeddings = self._embedded(crops)
        return [
            FaceAttributes(
                None if emotions is None else _parts(emotions[index]),
                None if ages is None else float(ages[index, 0]),
                None if genders is None else float(_parts(genders[index])[1]),
                None if embeddings is None else embeddings[index],
            )
            for index in range(len(faces))
        ]

    def _crops(self, image: Image, faces: Faces) -> list[Image]:
        """Return each face, upright if the backend is to turn it so."""
        areas = (self._area(box, points) for box, points in zip(faces.boxes, faces.landmarks, strict=True))
        return [self._crop(image, area) for area in areas]

    def _crop(self, image: Image, area: Any) -> Image:
        def cut(align: bool) -> Image:
            face = self._detection.extract_face(area, image, align, 0, 0, 0, self._config.deepface_detector)
            return np.asarray(face.img, np.uint8)

        upright = cut(self._config.deepface_align)
        # A face at the edge that is turned far can be turned out of the frame.
        return upright if upright.size else cut(align=False)

    def _area(self, box: NDArray[np.float32], points: NDArray[np.float32]) -> Any:
        """Return a face as the library describes one."""
        left, top, right, bottom = (int(edge) for edge in box)
        eyes = {
            name: None if np.isnan(point).any() else (int(point[0]), int(point[1]))
            for name, point in zip(_POINTS[:2], points, strict=False)
        }
        kind = library("models.Detector").FacialAreaRegion
        return kind(x=left, y=top, w=max(1, right - left), h=max(1, bottom - top), **eyes)

    def _batch(self, crops: Sequence[Image], size: tuple[int, int]) -> Crops:
        """Return the faces at the ``size`` (height, width) that a model asks for, BGR, 0..1."""
        resized = [self._preprocessing.resize_image(img=crop / np.float32(255), target_size=size) for crop in crops]
        return np.concatenate(resized).astype(np.float32)

    def _embedded(self, crops: Sequence[Image]) -> NDArray[np.float32] | None:
        if self._embedder is None:
            return None
        model = self._embedder.model
        batch = self._batch(crops, (model.input_shape[1], model.input_shape[0]))
        with self._embedder.lock:
            vectors = np.atleast_2d(np.asarray(model.forward(batch), np.float32))
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def _faces(areas: Sequence[Any], scale: NDArray[np.float32]) -> Faces:
    """Return what a detector found, ``scale`` (x, y) times as large."""
    boxes = [(area.x, area.y, area.x + area.w, area.y + area.h) for area in areas]
    nowhere = (np.nan, np.nan)
    points = [[getattr(area, name) or nowhere for name in _POINTS] for area in areas]
    return Faces(
        np.asarray(boxes, np.float32).reshape(-1, 4) * np.tile(scale, 2),
        np.asarray([float(area.confidence or 0) for area in areas], np.float32),
        np.asarray(points, np.float32).reshape(-1, len(FACE_LANDMARKS), 2) * scale,
    )


def _predict(client: Client | None, batch: Crops) -> NDArray[np.float32] | None:
    """Return a row for each face; the library leaves out dimensions when there is only one."""
    if client is None:
        return None
    with client.lock:
        return np.asarray(client.model.predict(batch), np.float32).reshape(len(batch), -1)


def _parts(row: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(row / row.sum())
