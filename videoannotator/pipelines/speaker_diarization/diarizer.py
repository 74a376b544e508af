"""pyannote.audio's pipeline with local models, in bounded memory. Imported only where it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines import SpeakerDiarization
from pyannote.audio.pipelines.clustering import AgglomerativeClustering
from pyannote.core import Annotation, SlidingWindowFeature

from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.pipelines.speaker_diarization.config import SpeakerDiarizationConfig
from videoannotator.pipelines.speaker_diarization.quiet import quietly
from videoannotator.pipelines.speaker_diarization.segmentation import Segmentation
from videoannotator.pipelines.speaker_diarization.speaker_embedder import SpeakerEmbedder

_LEAST_CLUSTER = 12
_WINDOWS_AT_ONCE = 4
_VOICES_AT_ONCE = 6
_SHARES = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 0.95)}
"""Where each long step of the work begins and ends, all of it being 1; as measured."""

_STEP = 0.1
"""Part of a window by which the next one begins later."""
_MOST_WINDOWS = 10_000
"""Almost three hours; in longer audio the windows follow each other less closely, so that memory is bounded."""
_LARGEST_STEP = 0.5
"""Part of a window; every moment is in two windows at least."""
_MOST_VOICES = 5_000
"""Embeddings that are compared each with each: 100 MB and a second."""
_CLEAR_SPEECH = (0.2, 0.05, 0.0)
"""Part of a window that a voice must be heard alone to be compared; a later one if no voice meets those before."""

_Embeddings = NDArray[np.float64]
_Indices = NDArray[np.intp]


class Diarizer(SpeakerDiarization):  # type: ignore[misc]
    """Hears who speaks when. Made for one audio; the models in it are shared."""

    def __init__(self, segmentation: Segmentation, voices: SpeakerEmbedder, config: SpeakerDiarizationConfig) -> None:
        super().__init__(
            segmentation=segmentation.model,
            # Any model will do in this place, which can name pyannote's own kinds only; it is replaced below.
            embedding=segmentation.model,
            plda=_NoPLDA(),
            clustering="AgglomerativeClustering",
            embedding_exclude_overlap=True,
            segmentation_batch_size=_WINDOWS_AT_ONCE,
            embedding_batch_size=_VOICES_AT_ONCE,
        )
        self._embedding = voices
        self.clustering = Clustering(*config.bounds)
        self._most = config.bounds[1]
        self._exclusive = config.exclusive
        self.instantiate(
            {
                "clustering": {
                    "method": "centroid",
                    "min_cluster_size": _LEAST_CLUSTER,
                    "threshold": config.clustering_threshold,
                },
                "segmentation": {"min_duration_off": config.min_duration_off},
            }
        )

    def listen(self, samples: Samples, progress: Callable[[float], None]) -> Annotation:
        """Return who speaks when in ``samples``. ``progress`` takes the part that is done, 0 to 1, and may raise."""
        done = 0.0

        def hook(step: str, _: object, *, completed: int = 0, total: int = 0, **__: Any) -> None:
            nonlocal done
            if total and step in _SHARES:
                start, end = _SHARES[step]
                done = float(start + (end - start) * min(1.0, completed / total))
            progress(done)

        inference = self._segmentation
        inference.step = inference.duration * _step(len(samples) / SAMPLE_RATE / inference.duration)
        with quietly():  # torch warns of arrays that cannot be written to, and this one never is
            waveform = torch.from_numpy(samples)[None]
        file = {"waveform": waveform, "sample_rate": SAMPLE_RATE, "uri": "sound"}
        result = self(file, max_speakers=self._most, hook=hook)
        return result.exclusive_speaker_diarization if self._exclusive else result.speaker_diarization


def _step(windows: float) -> float:
    """Return by which part of itself a window follows the one before it in audio that is ``windows`` of them long."""
    # In hundredths, so that each window begins with a sample.
    return min(max(_STEP, ceil(100 * windows / _MOST_WINDOWS) / 100), _LARGEST_STEP)


class _NoPLDA(PLDA):  # type: ignore[misc]
    """Stands in for what only another method of clustering uses; pyannote asks for it nevertheless."""

    def __init__(self) -> None: ...


class Clustering(AgglomerativeClustering):  # type: ignore[misc]
    """Puts voices together that are alike."""

    def __init__(self, least: int, most: int) -> None:
        """``least`` and ``most``: bounds of the number of people."""
        super().__init__(metric="cosine")
        self._bounds = (least, most)

    def __call__(self, embeddings: _Embeddings, **kwargs: Any) -> tuple[_Indices, _Embeddings, _Embeddings]:
        """Assume one speaker if no voice is heard long enough to be described."""
        if not np.isnan(embeddings).all():
            clusters: tuple[_Indices, _Embeddings, _Embeddings] = super().__call__(embeddings, **kwargs)
            return clusters
        windows, speakers, numbers = embeddings.shape
        return np.zeros((windows, speakers), np.intp), np.ones((windows, speakers, 1)), np.zeros((1, numbers))

    def set_num_clusters(self, num_embeddings: int, **_: object) -> tuple[int | None, int, int]:
        """Keep to the bounds that it was made with: pyannote prints a warning of its own about those it knows of."""
        least, most = self._bounds
        bounds: tuple[int | None, int, int] = super().set_num_clusters(
            num_embeddings, min_clusters=least, max_clusters=most
        )
        return bounds

    def filter_embeddings(
        self, embeddings: _Embeddings, segmentations: SlidingWindowFeature, min_active_ratio: float = 0.0
    ) -> tuple[_Embeddings, _Indices, _Indices]:
        """Choose the voices that are compared: clear ones, and not more than memory allows, evenly spread in time.

        The others go to whomever they are most alike.
        """
        for ratio in _CLEAR_SPEECH:
            voices, windows, speakers = super().filter_embeddings(embeddings, segmentations, ratio)
            if len(voices):
                break
        spread = np.linspace(0, len(voices) - 1, min(len(voices), _MOST_VOICES)).round().astype(np.intp)
        return voices[spread], windows[spread], speakers[spread]

    def cluster(self, embeddings: _Embeddings, **kwargs: Any) -> _Indices:
        """Keep standard output for results: this one prints to it."""
        with redirect_stdout(sys.stderr):
            clusters: _Indices = super().cluster(embeddings, **kwargs)
        return clusters
