"""Running pipelines over one video: one decode for all of them, then their files."""

from videoannotator.engine.engine import AnnotationRequest, Engine

__all__ = ["AnnotationRequest", "Engine"]
