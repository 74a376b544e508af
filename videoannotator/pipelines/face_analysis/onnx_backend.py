"""The models that come with this package: CenterFace, an emotion net and FaceRes, all of them ONNX."""

from __future__ import annotations

from collections.abc import Sequence

from videoannotator.media.frame import Image
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.face_analysis.attributes import AttributeReader, EmotionReader
from videoannotator.pipelines.face_analysis.config import FaceAnalysisConfig
from videoannotator.pipelines.face_analysis.detector import FaceDetector
from videoannotator.pipelines.face_analysis.faces import FaceAttributes, Faces, Selection


class OnnxBackend:
    """Finds faces, and reads all faces of a frame in one go."""

    def __init__(self, config: FaceAnalysisConfig, selection: Selection, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._detector = FaceDetector(sessions.get("centerface"), selection)
        self._emotions = EmotionReader(sessions.get("emotion")) if config.detect_emotions else None
        self._looks = AttributeReader(sessions.get("faceres")) if config.wants_attributes else None

    def detect(self, image: Image) -> Faces:
        """Return the faces in ``image``."""
        return self._detector.detect(image)

    def read(self, image: Image, faces: Faces) -> Sequence[FaceAttributes]:
        """Return what each of ``faces`` looks like."""
        emotions = self._emotions.read(image, faces.boxes) if self._emotions else None
        attributes = self._looks.read(image, faces.boxes) if self._looks else None
        return [
            FaceAttributes(
                None if emotions is None else emotions[index],
                float(attributes.ages[index]) if attributes and self._config.detect_age else None,
                float(attributes.male[index]) if attributes and self._config.detect_gender else None,
                attributes.embeddings[index] if attributes and self._config.embeddings else None,
            )
            for index in range(len(faces))
        ]
