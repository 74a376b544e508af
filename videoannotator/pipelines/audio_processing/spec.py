"""What audio processing is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import SpeakerTurn, Utterance
from videoannotator.pipelines.audio_processing.config import AudioProcessingConfig
from videoannotator.pipelines.speaker_diarization.spec import SPEAKER_DIARIZATION
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec
from videoannotator.pipelines.speech_recognition.spec import SPEECH_RECOGNITION

AUDIO_PROCESSING = PipelineSpec(
    name="audio_processing",
    display_name="Audio Processing (Speech + Diarization)",
    description="Writes down what is said and tells who says it: each word has its times and its speaker.",
    family="audio",
    variant="whisper-pyannote",
    aliases=("audio",),
    tasks=("speech-transcription", "speaker-diarization"),
    modalities=("audio",),
    config_model=AudioProcessingConfig,
    records=(Utterance, SpeakerTurn),
    models=(*SPEECH_RECOGNITION.models, *SPEAKER_DIARIZATION.models),
    packages=(*SPEECH_RECOGNITION.packages, *SPEAKER_DIARIZATION.packages),
    extra="audio",
    outputs=(
        OutputSpec("webvtt", ("transcript", "speakers"), "text/vtt"),
        OutputSpec("srt", ("transcript", "speakers"), "application/x-subrip"),
        OutputSpec("rttm", ("speaker_turns",), "text/plain"),
        OutputSpec("csv", ("transcript", "words", "speaker_turns"), "text/csv"),
        OutputSpec("parquet", ("transcript", "words", "speaker_turns"), "application/vnd.apache.parquet"),
        OutputSpec("eaf", ("transcript", "words", "speaker_turns"), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("transcript", "words", "speaker_turns"), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("words", "speaker_turns"), "image/png"),
    ),
    implementation="videoannotator.pipelines.audio_processing.pipeline:AudioProcessing",
)
