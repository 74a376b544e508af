"""Speech recognition: a voice detector that keeps out all other sounds, and Whisper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from videoannotator.annotations import Utterance
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.base import Audio, OnProgress
from videoannotator.pipelines.speech_recognition.chunks import SpeechChunk, chunks
from videoannotator.pipelines.speech_recognition.config import VOICE_DETECTOR, SpeechRecognitionConfig
from videoannotator.pipelines.speech_recognition.languages import ENGLISH
from videoannotator.pipelines.speech_recognition.recogniser import Segment, is_loop, load_recogniser, options
from videoannotator.pipelines.speech_recognition.utterances import Tokens, joined, on_the_clock, sentences, utterances
from videoannotator.pipelines.speech_recognition.vad import load_voice_detector, speech_segments

_ENOUGH_FOR_A_LANGUAGE = 3
"""Passages to listen to before the language is decided."""
_SURE, _UNSURE = 0.9, 0.5
"""Probability of a language at which no more chunks are listened to, and below which there is a warning."""


class SpeechRecognition:
    """Writes down what is said, in utterances of a sentence or less."""

    def __init__(self, config: SpeechRecognitionConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        self._detector = sessions.load(VOICE_DETECTOR, load_voice_detector)
        self._recogniser = sessions.load(config.whisper, load_recogniser)
        self._language = config.language or ENGLISH
        self._sentences: list[Tokens] = []
        self._warnings: list[str] = []
        self._wordless: list[SpeechChunk] = []
        self._loops: list[SpeechChunk] = []

    @property
    def warnings(self) -> Sequence[str]:
        """What is doubtful about the text."""
        return (*self._warnings, *_warnings_about(self._wordless, self._loops))

    def process(self, audio: Audio, on_progress: OnProgress) -> None:
        """Write down all that is said in ``audio``."""
        probabilities = self._detector.probabilities(audio.samples, on_progress)
        found = list(self._speech_chunks(audio, probabilities))
        if not found:
            self._warnings.append("No speech was heard in this video.")
            return
        if self._config.temperature > 0:
            self._warnings.append(
                f"At temperature {self._config.temperature:g} texts are drawn at random: another run may give another."
            )
        if self._config.language is None:
            self._language = self._spoken_language(found, audio, on_progress)
        for chunk in found:
            self._write_down(chunk, audio, on_progress)
            on_progress(chunk.end)

    def finish(self) -> Sequence[Utterance]:
        """Return the utterances in the order of their starts."""
        language = ENGLISH if self._config.task == "translate" else self._language
        parts = joined(self._sentences, self._config.min_segment_duration, self._config.min_silence)
        return utterances(parts, language, with_words=self._config.word_timestamps)

    def _speech_chunks(self, audio: Audio, probabilities: NDArray[np.float32]) -> Iterator[SpeechChunk]:
        config = self._config
        spoken = speech_segments(probabilities, len(audio.samples), config.vad_threshold, config.min_silence)
        return chunks(spoken, probabilities)

    def _spoken_language(self, found: Sequence[SpeechChunk], audio: Audio, on_progress: OnProgress) -> str:
        """Return the language that is most probable over the first chunks."""
        total: dict[str, float] = {}
        for count, chunk in enumerate(found[:_ENOUGH_FOR_A_LANGUAGE], 1):
            on_progress(0.0)
            for language, probability in self._recogniser.languages(chunk.speech(audio.samples)).items():
                total[language] = total.get(language, 0.0) + probability
            best = max(total, key=lambda language: total[language])
            if total[best] / count >= _SURE:
                break
        if total[best] / count < _UNSURE:
            self._warnings.append(
                f"The language was taken for {best!r}, which is only {total[best] / count:.0%} certain: set `language`."
            )
        return best

    def _write_down(self, chunk: SpeechChunk, audio: Audio, on_progress: OnProgress) -> None:
        segments = self._segments(chunk, audio, on_progress)
        if is_loop(segments):
            self._loops.append(chunk)
            segments = self._segments(chunk, audio, on_progress, without_repeats=True)
        words = on_the_clock((word for segment in segments for word in segment.words), chunk)
        if not words:
            self._wordless.append(chunk)
        self._sentences += sentences(words, self._config.min_silence)

    def _segments(
        self, chunk: SpeechChunk, audio: Audio, on_progress: OnProgress, *, without_repeats: bool = False
    ) -> list[Segment]:
        speech = chunk.speech(audio.samples)
        segments = []
        for segment in self._recogniser.segments(
            speech, self._language, options(self._config, without_repeats=without_repeats)
        ):
            on_progress(chunk.start)
            segments.append(segment)
        return segments


def _warnings_about(wordless: Sequence[SpeechChunk], loops: Sequence[SpeechChunk]) -> Iterator[str]:
    if wordless:
        yield f"Something sounded like speech, but no word was understood: {_times(wordless)}."
    if loops:
        yield (
            "The recogniser was caught in a loop and had to be kept from repeating itself; words may be wrong or "
            f"missing: {_times(loops)}."
        )


def _times(found: Sequence[SpeechChunk]) -> str:
    shown = ", ".join(f"{chunk.start:.1f} to {chunk.end:.1f} s" for chunk in found[:5])
    return f"{shown} and {len(found) - 5} more" if len(found) > 5 else shown
