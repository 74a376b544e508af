"""What DeepFace can use here, by DeepFace's own names; light enough for a process that runs no model.

Its other detectors are left out: opencv needs another OpenCV wheel, ssd an older one, the YOLO family weights that only
unpickling opens, and mtcnn, fastmtcnn, mediapipe and dlib packages with weights of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Detector = Literal["centerface", "yunet", "retinaface"]
EmbeddingModel = Literal["VGG-Face", "Facenet", "Facenet512", "ArcFace"]

DETECTORS: Mapping[str, str] = {
    "centerface": "centerface",
    "yunet": "deepface-yunet",
    "retinaface": "deepface-retinaface",
}
"""Ids in the model manifest of detectors."""

ATTRIBUTES: Mapping[str, str] = {
    "Emotion": "deepface-emotion",
    "Age": "deepface-age",
    "Gender": "deepface-gender",
}
"""Ids in the model manifest of what reads faces."""

EMBEDDING_MODELS: Mapping[str, str] = {
    "VGG-Face": "deepface-vgg-face",
    "Facenet": "deepface-facenet",
    "Facenet512": "deepface-facenet512",
    "ArcFace": "deepface-arcface",
}
"""Ids in the model manifest of what describes faces."""
