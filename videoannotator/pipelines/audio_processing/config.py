"""What can be set about audio processing: all about speech recognition and about speaker diarization."""

from __future__ import annotations

from pydantic import Field

from videoannotator.pipelines.speaker_diarization.config import (
    ABOUT_THE_MODEL,
    DiarizationModel,
    SpeakerDiarizationConfig,
)
from videoannotator.pipelines.speech_recognition.config import SpeechRecognitionConfig


class AudioProcessingConfig(SpeakerDiarizationConfig, SpeechRecognitionConfig):
    """How speech is found and written down, and whose it is."""

    enable_diarization: bool = Field(default=True, description="Find out who says what.")
    # Here `model` is the one that writes down the words.
    diarization_model: DiarizationModel = Field(default="bundled", description=ABOUT_THE_MODEL)

    def models(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the models that this configuration needs."""
        speech = SpeechRecognitionConfig.models(self, usual)
        return (*speech, *SpeakerDiarizationConfig.models(self, usual)) if self.enable_diarization else speech
