"""Running pipelines over one video: one decode for all of them, then their files."""

from videoannotator.annotation_request import AnnotationRequest
from videoannotator.engine.engine import Engine

__all__ = ["AnnotationRequest", "Engine"]
