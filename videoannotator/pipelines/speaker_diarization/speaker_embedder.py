"""What a voice is like, as numbers that are alike for the same person. Imported only where it runs."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio.core.inference import BaseInference
from torchaudio.compliance import kaldi

from videoannotator.media.audio import SAMPLE_RATE
from videoannotator.models.fair_lock import FairLock
from videoannotator.models.sessions import Model

_BANDS = 80
_FRAME_SHIFT = 0.01
"""Seconds from one frame of features to the next."""
_LEAST_FRAMES = 10
"""A tenth of a second: what is shorter says nothing about a voice."""


class SpeakerEmbedder(BaseInference):  # type: ignore[misc]
    """Describes voices, in the way that pyannote's pipelines expect of a speaker embedding.

    It hears what pyannote's `ONNXWeSpeakerPretrainedSpeakerEmbedding` hears, but analyses each stretch of audio once,
    however many people speak in it, and takes turns at the processor.
    """

    sample_rate = SAMPLE_RATE
    metric = "cosine"
    min_num_samples = int((_LEAST_FRAMES + 2) * _FRAME_SHIFT * SAMPLE_RATE)

    def __init__(self, model: Model, lock: FairLock) -> None:
        """``model``: takes frames of 80 bands, gives one row of numbers."""
        self._model = model
        self._lock = lock
        self.dimension = self._describe(np.zeros((_LEAST_FRAMES, _BANDS), np.float32)).shape[0]

    def to(self, device: torch.device) -> SpeakerEmbedder:
        """Stay: onnxruntime has chosen its device."""
        return self

    def __call__(self, waveforms: torch.Tensor, masks: torch.Tensor) -> NDArray[np.float64]:
        """Return a row for each of the ``waveforms`` (batch, 1, samples); not a number where too little is heard.

        ``masks`` (batch, frames): when to listen.
        """
        rows = np.full((len(waveforms), self.dimension), np.nan)
        known: torch.Tensor | None = None
        for index, (waveform, mask) in enumerate(zip(waveforms, masks, strict=True)):
            if not mask.any():
                continue
            if known is None or not torch.equal(waveform, known):
                known, features = waveform, self._features(waveform)
            voiced = features[_stretched(mask, len(features))]
            if len(voiced) >= _LEAST_FRAMES:
                rows[index] = self._describe(voiced)
        return rows

    def _features(self, waveform: torch.Tensor) -> NDArray[np.float32]:
        with self._lock, torch.inference_mode():
            bands = kaldi.fbank(
                waveform * (1 << 15),
                num_mel_bins=_BANDS,
                dither=0.0,
                sample_frequency=SAMPLE_RATE,
                window_type="hamming",
            )
            centred: NDArray[np.float32] = (bands - bands.mean(dim=0, keepdim=True)).numpy()
        return centred

    def _describe(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self._model.run(features[None])[0][0]
        return row


def _stretched(mask: torch.Tensor, frames: int) -> NDArray[np.bool_]:
    """Return ``mask`` at another number of frames, each the nearest."""
    as_picture = mask[None, None].float()
    nearest: NDArray[np.bool_] = torch.nn.functional.interpolate(as_picture, size=frames)[0, 0].numpy() > 0.5
    return nearest
