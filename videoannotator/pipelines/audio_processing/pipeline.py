"""Audio processing: speech recognition and speaker diarization over the same audio, and who says what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from videoannotator.annotations import SpeakerTurn, Utterance
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import ModelSource
from videoannotator.pipelines.audio_processing.attribution import attribute
from videoannotator.pipelines.audio_processing.config import AudioProcessingConfig
from videoannotator.pipelines.base import Audio, OnProgress
from videoannotator.pipelines.speaker_diarization.pipeline import SpeakerDiarization
from videoannotator.pipelines.speech_recognition.pipeline import SpeechRecognition

_SPEECH = 0.7
"""Part of the time that writing down the words takes, about."""


class AudioProcessing:
    """Writes down what is said, and by whom."""

    def __init__(self, config: AudioProcessingConfig, info: MediaInfo, sessions: ModelSource) -> None:
        """Load the models that ``config`` calls for.

        Raises:
            ModelMissingError: A model is not there.
            ModelCorruptError: A file of a model differs from its checksum.
        """
        self._config = config
        # Speakers are found word by word.
        self._speech = SpeechRecognition(config.model_copy(update={"word_timestamps": True}), info, sessions)
        self._speakers = SpeakerDiarization(config, info, sessions) if config.enable_diarization else None

    @property
    def warnings(self) -> Sequence[str]:
        """What is doubtful about words and speakers."""
        notes = [*self._speech.warnings, *(self._speakers.warnings if self._speakers else ())]
        return tuple(dict.fromkeys(notes))

    def process(self, audio: Audio, on_progress: OnProgress) -> None:
        """Listen to all of ``audio``, once for the words and once for the voices."""
        if self._speakers is None:
            self._speech.process(audio, on_progress)
            return
        self._speech.process(audio, lambda seconds: on_progress(seconds * _SPEECH))
        before = audio.duration * _SPEECH
        self._speakers.process(audio, lambda seconds: on_progress(before + seconds * (1 - _SPEECH)))

    def finish(self) -> Sequence[Utterance | SpeakerTurn]:
        """Return the utterances, then the turns, each in the order of their starts."""
        turns = list(self._speakers.finish()) if self._speakers else []
        said = attribute(self._speech.finish(), turns)
        if not self._config.word_timestamps:
            said = [replace(utterance, words=()) for utterance in said]
        return [*said, *turns]
