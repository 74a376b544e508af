"""Whisper: from a chunk of audio to words with times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoannotator.errors import GpuOutOfMemoryError
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.models.fair_lock import FairLock
from videoannotator.models.files import Weights
from videoannotator.models.sessions import ComputeResources, is_out_of_memory
from videoannotator.pipelines.speech_recognition.config import SpeechRecognitionConfig
from videoannotator.pipelines.speech_recognition.languages import ENGLISH

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_TOO_REPETITIVE = 2.4
"""How much shorter a text gets by compression when a recogniser is caught in a loop, as Whisper's authors found."""

_NO_TIME = 0.025
"""Seconds; less than two steps of Whisper's clock."""
_MOST_SQUEEZED = 1 / 3
"""Part of the words of a text that may have no time; in loops it is more than half, in what people say a tenth."""

_MOST_TOKENS = 224
"""What Whisper writes about a chunk at most."""
_TOKENS_TO_BEGIN_WITH, _MOST_TOKENS_PER_SECOND = 30, 20

_LONGEST_REPEAT = 5
"""Words, roughly, that may not come twice when a chunk is heard again to get out of a loop."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as the recogniser puts it: with the space before it, if there is one. Times in seconds of the chunk."""

    start: float
    end: float
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words that the recogniser gives at once."""

    words: tuple[Token, ...]
    repetitive: bool
    """Whether the text says the same again and again."""


class Recogniser:
    """A Whisper model of any size (faster-whisper, github.com/SYSTRAN/faster-whisper)."""

    def __init__(self, model: WhisperModel, lock: FairLock) -> None:
        self._model = model
        self._lock = lock

    def languages(self, speech: Samples) -> dict[str, float]:
        """Return how probable it is that each language is spoken."""
        if not self._model.model.is_multilingual:
            return {ENGLISH: 1.0}
        with self._lock:
            return dict(self._model.detect_language(audio=speech)[2])

    def segments(self, speech: Samples, language: str, options: dict[str, Any]) -> Iterator[Segment]:
        """Yield what is said in ``speech``, as it is recognised. ``options``: see `options`.

        Raises:
            GpuOutOfMemoryError: The speech did not fit into the memory of the GPU.
        """
        try:
            with self._lock:
                found, _ = self._model.transcribe(speech, language=language, **self._complete(options, len(speech)))
            while True:
                # One window of audio at a time, so that others get their turn.
                with self._lock:
                    segment = next(found, None)
                if segment is None:
                    return
                yield _segment(segment)
        except RuntimeError as error:
            if self._model.model.device == "cuda" and is_out_of_memory(error):
                raise GpuOutOfMemoryError("speech_recognition did not fit into the memory of the GPU.") from error
            raise

    def _complete(self, options: dict[str, Any], length: int) -> dict[str, Any]:
        # To the library, an empty list is leave to write its control tokens too.
        suppressed = options["suppress_tokens"] or [self._model.hf_tokenizer.token_to_id("<|startoftranscript|>")]
        # No one says more in that time; this ends a loop sooner.
        most = min(_MOST_TOKENS, _TOKENS_TO_BEGIN_WITH + _MOST_TOKENS_PER_SECOND * length // SAMPLE_RATE)
        return {**options, "suppress_tokens": suppressed, "max_new_tokens": most}


def options(config: SpeechRecognitionConfig, *, without_repeats: bool = False) -> dict[str, Any]:
    """Return what ``config`` means to faster-whisper.

    The library's own way out of a loop is chance, at rising temperatures. ``without_repeats`` is a way that leads to
    the same text each time.
    """
    return {
        "task": config.task,
        "beam_size": config.beam_size,
        "patience": config.patience,
        "temperature": config.temperature,
        "best_of": config.best_of,
        "length_penalty": config.length_penalty,
        "prepend_punctuations": config.prepend_punctuations,
        "append_punctuations": config.append_punctuations,
        "suppress_tokens": list(config.suppressed),
        "no_repeat_ngram_size": _LONGEST_REPEAT if without_repeats else 0,
        # Utterances are cut by their words, whether or not these are kept.
        "word_timestamps": True,
        # A mistake must not lead to more of them.
        "condition_on_previous_text": False,
    }


def load_recogniser(weights: Weights, resources: ComputeResources) -> Recogniser:
    """Load a Whisper model: with 8-bit integers on the processor, with half precision on a GPU if there is one."""
    import ctranslate2  # heavy, and needed only where models run
    from faster_whisper import WhisperModel

    on_gpu = ctranslate2.get_cuda_device_count() > 0
    directory = _directory(weights)
    model = WhisperModel(
        weights.entry.id if directory is None else str(directory),
        device="cuda" if on_gpu else "cpu",
        compute_type="float16" if on_gpu else "int8",
        cpu_threads=resources.threads,
        files={Path(name).name: weights.read(name) for name in weights.places} if directory is None else None,
        local_files_only=True,
    )
    return Recogniser(model, resources.lock)


def _directory(weights: Weights) -> Path | None:
    """Return the directory that has all files of a model under their own names; None if there is no such one."""
    places = {name: parts[0] for name, parts in weights.places.items() if len(parts) == 1}
    directories = {place.parent for name, place in places.items() if place.name == Path(name).name}
    return directories.pop() if len(directories) == 1 and len(places) == len(weights.places) else None


def _segment(found: Any) -> Segment:
    words = tuple(
        Token(float(word.start), float(word.end), word.word, min(max(float(word.probability), 0.0), 1.0))
        for word in found.words
        if word.word.strip()
    )
    return Segment(words, found.compression_ratio > _TOO_REPETITIVE)


def is_loop(segments: Sequence[Segment]) -> bool:
    """Whether the recogniser seems to have been caught in a loop.

    People repeat themselves too, but not in no time.
    """
    words = [word for segment in segments for word in segment.words]
    squeezed = sum(word.end - word.start < _NO_TIME for word in words)
    return any(segment.repetitive for segment in segments) and squeezed > _MOST_SQUEEZED * len(words)
