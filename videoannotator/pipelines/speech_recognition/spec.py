"""What speech recognition is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import Utterance
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec
from videoannotator.pipelines.speech_recognition.config import VOICE_DETECTOR, SpeechRecognitionConfig

SPEECH_RECOGNITION = PipelineSpec(
    name="speech_recognition",
    display_name="Speech Recognition",
    description="Writes down what is said, with the times of every word; in many languages, or translated to English.",
    family="audio",
    variant="whisper",
    aliases=("speech",),
    tasks=("speech-transcription", "automatic-speech-recognition"),
    modalities=("audio",),
    config_model=SpeechRecognitionConfig,
    records=(Utterance,),
    models=("whisper-base", VOICE_DETECTOR),
    packages=("faster_whisper",),
    extra="audio",
    outputs=(
        OutputSpec("webvtt", ("transcript",), "text/vtt"),
        OutputSpec("srt", ("transcript",), "application/x-subrip"),
        OutputSpec("csv", ("transcript", "words"), "text/csv"),
        OutputSpec("parquet", ("transcript", "words"), "application/vnd.apache.parquet"),
        OutputSpec("eaf", ("transcript", "words"), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("transcript", "words"), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("words",), "image/png"),
    ),
    implementation="videoannotator.pipelines.speech_recognition.pipeline:SpeechRecognition",
)
