"""What a scene shows, out of a list of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.media.frame import Image
from videoannotator.models.files import Weights
from videoannotator.models.onnx import open_session
from videoannotator.models.sessions import ComputeResources

MODEL = "clip-vit-base-patch32"

_SIDE = 224
_MEAN = np.asarray([0.48145466, 0.4578275, 0.40821073], np.float32)
_SPREAD = np.asarray([0.26862954, 0.26130258, 0.27577711], np.float32)
_SHARPNESS = 100.0
"""CLIP's own factor between likeness and logits."""
_PROMPT = "a photo of a {}"

Embedding = NDArray[np.float32]


class Clip:
    """CLIP ViT-B/32 (Radford et al., 2021): pictures and words as vectors, the nearer the better they fit."""

    def __init__(self, vision: Any, text: Any, tokenizer: Any, resources: ComputeResources) -> None:
        self._vision = vision
        self._text = text
        self._tokenizer = tokenizer
        self._lock = resources.lock

    def describe(self, image: Image) -> Embedding:
        """Return the vector of ``image`` (height x width x 3, RGB), of length 1."""
        return np.asarray(self._run(self._vision, {"pixel_values": _input(image)}, "image_embeds")[0])

    def words(self, labels: Sequence[str]) -> Embedding:
        """Return the vector of each of ``labels``, of length 1; n x m."""
        encoded = self._tokenizer.encode_batch([_PROMPT.format(label) for label in labels])
        ids = np.asarray([each.ids for each in encoded], np.int64)
        mask = np.asarray([each.attention_mask for each in encoded], np.int64)
        return self._run(self._text, {"input_ids": ids, "attention_mask": mask}, "text_embeds")

    def _run(self, session: Any, inputs: Mapping[str, NDArray[Any]], output: str) -> Embedding:
        wanted = {each.name for each in session.get_inputs()}
        with self._lock:
            [vectors] = session.run([output], {name: value for name, value in inputs.items() if name in wanted})
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def load_clip(weights: Weights, resources: ComputeResources) -> Clip:
    """Load CLIP from its ONNX files and its tokenizer."""
    from tokenizers import Tokenizer

    folder = weights.entry.id
    tokenizer = Tokenizer.from_str(weights.read(f"{folder}/tokenizer.json").decode())
    tokenizer.enable_padding()
    tokenizer.enable_truncation(77)
    vision, text = (
        open_session(weights.path_of(f"{folder}/{name}.onnx"), resources.threads)
        for name in ("vision_model", "text_model")
    )
    return Clip(vision, text, tokenizer, resources)


class SceneLabeller:
    """Looks at a frame every few seconds, and later says what the stretches between cuts show."""

    _INTERVAL = 2.0

    def __init__(self, clip: Clip, labels: Sequence[str]) -> None:
        self._clip = clip
        self._labels = tuple(labels)
        self._words = clip.words(self._labels)
        self._times: list[float] = []
        self._seen: list[Embedding] = []

    def look(self, image: Image, time: float, *, cut: bool) -> None:
        """Take note of a frame if it is the first of a scene, or if the last look was long ago."""
        if cut or not self._times or time - self._times[-1] >= self._INTERVAL:
            self._times.append(time)
            self._seen.append(self._clip.describe(image))

    def labels(self, start: float, end: float) -> Mapping[str, float]:
        """Return how well each label describes what was seen from ``start`` to ``end``; empty if nothing was."""
        seen = [embedding for time, embedding in zip(self._times, self._seen, strict=True) if start <= time < end]
        if not seen:
            return {}
        mean = np.mean(seen, axis=0)
        likeness = self._words @ (mean / max(float(np.linalg.norm(mean)), 1e-9)) * _SHARPNESS
        chances = np.exp(likeness - likeness.max())
        return dict(zip(self._labels, map(float, chances / chances.sum()), strict=True))


def _input(image: Image) -> NDArray[np.float32]:
    """Return the middle square of ``image`` as CLIP expects it: 1 x 3 x 224 x 224."""
    height, width = image.shape[:2]
    scale = _SIDE / min(height, width)
    size = (max(_SIDE, round(width * scale)), max(_SIDE, round(height * scale)))
    scaled = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (scaled.shape[0] - _SIDE) // 2, (scaled.shape[1] - _SIDE) // 2
    square = np.asarray(scaled[top : top + _SIDE, left : left + _SIDE], np.float32) / 255
    return np.ascontiguousarray(((square - _MEAN) / _SPREAD).transpose(2, 0, 1)[None])
