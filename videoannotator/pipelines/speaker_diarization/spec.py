"""What speaker diarization is, needs and produces."""

from __future__ import annotations

from videoannotator.annotations import SpeakerTurn
from videoannotator.pipelines.speaker_diarization.config import CAMPPLUS, SEGMENTATION, SpeakerDiarizationConfig
from videoannotator.pipelines.spec import OutputSpec, PipelineSpec

SPEAKER_DIARIZATION = PipelineSpec(
    name="speaker_diarization",
    display_name="Speaker Diarization",
    description="Tells voices apart and when each of them speaks, also where several speak at once.",
    family="audio",
    variant="pyannote",
    aliases=("diarization", "audio_diarization"),
    modalities=("audio",),
    tasks=("speaker-diarization", "speaker-segmentation"),
    config_model=SpeakerDiarizationConfig,
    records=(SpeakerTurn,),
    models=(SEGMENTATION, CAMPPLUS),
    packages=("pyannote", "torch", "torchaudio", "safetensors"),
    extra="audio",
    outputs=(
        OutputSpec("rttm", ("speaker_turns",), "text/plain"),
        OutputSpec("csv", ("speaker_turns",), "text/csv"),
        OutputSpec("parquet", ("speaker_turns",), "application/vnd.apache.parquet"),
        OutputSpec("eaf", ("speaker_turns",), "text/x-eaf+xml"),
        OutputSpec("textgrid", ("speaker_turns",), "text/praat-textgrid"),
        OutputSpec("preview", ("contact_sheet",), "image/png"),
        OutputSpec("timeline", ("speaker_turns",), "image/png"),
    ),
    implementation="videoannotator.pipelines.speaker_diarization.pipeline:SpeakerDiarization",
)
