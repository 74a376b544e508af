"""What can be set about speaker diarization."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from videoannotator.pipelines.config import PipelineConfig, as_whole, renamed

SEGMENTATION = "pyannote-segmentation-3.0"
CAMPPLUS = "campplus-speaker"
WESPEAKER = "wespeaker-voxceleb-resnet34"
MOST_SPEAKERS = 50

Speakers = Annotated[int, Field(ge=1, le=MOST_SPEAKERS), BeforeValidator(as_whole)]
"""A number of people."""

DiarizationModel = Literal["bundled", "pyannote/speaker-diarization-3.1"]
ABOUT_THE_MODEL = (
    "What tells voices apart. bundled is there at once; pyannote/speaker-diarization-3.1 needs "
    f"`videoannotator models pull {WESPEAKER}` once."
)


class SpeakerDiarizationConfig(PipelineConfig):
    """How many people are told apart, and what counts as a turn."""

    diarization_model: DiarizationModel = Field(
        default="bundled",
        validation_alias=renamed("diarization_model", "model"),
        description=ABOUT_THE_MODEL,
    )
    num_speakers: Speakers | None = Field(
        default=None,
        examples=[2],
        description="How many people speak, if that is known; min_speakers and max_speakers then have no effect.",
    )
    min_speakers: Speakers | None = Field(default=1, description="Fewest people to tell apart; null for no bound.")
    max_speakers: Speakers | None = Field(
        default=10,
        validate_default=True,
        description=f"Most people to tell apart, not fewer than min_speakers; null for {MOST_SPEAKERS}.",
    )
    clustering_threshold: float = Field(
        default=0.7,
        ge=0.1,
        le=1.9,
        description="How different voices must be to belong to two people: low values split one person into several, "
        "high values take several for one.",
    )
    min_duration_on: float = Field(
        default=0.1, ge=0, le=10, description="A turn that is shorter than this is left out; seconds."
    )
    min_duration_off: float = Field(
        default=0.0, ge=0, le=10, description="A pause that is shorter than this does not end a turn; seconds."
    )
    exclusive: bool = Field(
        default=False,
        description="Where several people speak at once, keep only who is heard best. Otherwise turns overlap.",
    )
    use_auth_token: bool | None = Field(
        default=None,
        json_schema_extra={"deprecated": True},
        description="No effect: a token is needed only to download models, which no job does.",
    )

    @field_validator("max_speakers")
    @classmethod
    def _not_fewer_than_the_fewest(cls, value: int | None, info: ValidationInfo) -> int | None:
        least = info.data.get("min_speakers")
        if value is not None and least is not None and value < least and info.data.get("num_speakers") is None:
            raise PydanticCustomError(
                "out_of_range",
                "max_speakers must not be less than min_speakers, which is {minimum}",
                {"minimum": least, "maximum": MOST_SPEAKERS, "example": least},
            )
        return value

    @property
    def bounds(self) -> tuple[int, int]:
        """Fewest and most people to tell apart."""
        if self.num_speakers is not None:
            return self.num_speakers, self.num_speakers
        return self.min_speakers or 1, self.max_speakers or MOST_SPEAKERS

    @property
    def voices(self) -> str:
        """Id of the model that describes voices."""
        return CAMPPLUS if self.diarization_model == "bundled" else WESPEAKER

    def models(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the models that this configuration needs."""
        return (SEGMENTATION, self.voices)
