"""What can be set about speech recognition."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from videoannotator.pipelines.config import PipelineConfig, Whole, renamed
from videoannotator.pipelines.speech_recognition.languages import CANTONESE, ENGLISH, LANGUAGES

WhisperSize = Literal["tiny.en", "tiny", "base", "small", "medium", "large-v2", "large-v3"]
Task = Literal["transcribe", "translate"]

VOICE_DETECTOR = "silero-vad"
"""Id of the model that tells speech from other sounds."""

USUAL_SUPPRESSED = -1
"""Stands for the symbols that Whisper never has to write: brackets, notes of music, and the like."""

_LAST_TEXT_TOKEN = 50_255
"""The next ones steer every Whisper model; without the end of a text there would be no end."""


def _latest(value: Any) -> Any:
    return "large-v3" if value == "large" else value


class SpeechRecognitionConfig(PipelineConfig):
    """How speech is found and written down."""

    model: Annotated[WhisperSize, BeforeValidator(_latest)] = Field(
        default="base",
        validation_alias=renamed("model", "whisper_model"),
        description="Whisper model. tiny.en and base come with the package, the others with `videoannotator models "
        "pull`. Larger models make fewer mistakes and take longer; tiny.en understands English only.",
    )
    language: str | None = Field(
        default=None,
        examples=["en"],
        description="Language that is spoken, for example en, de or fr; null finds it out from the first speech. One "
        "language is taken for the whole video.",
    )
    task: Task = Field(
        default="transcribe", description="transcribe writes in the language that is spoken, translate in English."
    )
    word_timestamps: bool = Field(default=True, description="Keep each word with its times and its score.")
    beam_size: Whole = Field(
        default=5, ge=1, le=20, description="Texts that are weighed at a time. Used at temperature 0."
    )
    patience: float = Field(
        default=1.0, ge=1, le=10, description="How much longer to look for better texts. Used at temperature 0."
    )
    temperature: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="0 takes the most probable text, the same each time. Above 0, texts are drawn at random: the same "
        "video may give another text each time.",
    )
    best_of: Whole = Field(
        default=5, ge=1, le=20, description="Texts that are drawn, of which the best is kept. Used above temperature 0."
    )
    length_penalty: float = Field(
        default=1.0, ge=0, le=2, description="Above 1 favours long texts over short ones, below 1 short ones."
    )
    prepend_punctuations: str = Field(
        default="\"'“¿([{-", max_length=50, description="Signs that belong to the word after them."
    )
    append_punctuations: str = Field(
        default="\"'.。,，!！?？:：”)]}、", max_length=50, description="Signs that belong to the word before them."
    )
    suppress_tokens: str | None = Field(
        default=None,
        examples=["-1,13"],
        max_length=2000,
        description="Tokens that are never written: their numbers, with commas between them; -1 stands for symbols "
        "that are never spoken. null is -1, an empty text allows all.",
    )
    vad_threshold: float = Field(
        default=0.5,
        ge=0.05,
        le=0.95,
        description="Least probability with which audio is speech. Higher values keep more noise out and lose more "
        "quiet speech.",
    )
    min_silence: float = Field(
        default=1.0,
        ge=0.1,
        le=10,
        description="Pauses shorter than this count as speech, longer ones are not listened to; seconds. No utterance "
        "goes on across a longer pause.",
    )
    min_segment_duration: float = Field(
        default=0.0,
        ge=0,
        le=30,
        description="An utterance shorter than this is joined with the one after it, the last one with the one before "
        "it, unless the pause between them is longer than min_silence; seconds. Nothing is left out.",
    )

    def models(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of the chosen Whisper model and of the voice detector."""
        return (self.whisper, VOICE_DETECTOR)

    @property
    def whisper(self) -> str:
        """Id of the chosen Whisper model."""
        return f"whisper-{self.model}"

    @property
    def suppressed(self) -> tuple[int, ...]:
        """The numbers in `suppress_tokens`."""
        return (USUAL_SUPPRESSED,) if self.suppress_tokens is None else _numbers(self.suppress_tokens)

    @field_validator("language")
    @classmethod
    def _is_known_to_the_model(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return value
        if value not in LANGUAGES:
            nearest = get_close_matches(value.lower(), LANGUAGES, n=1)
            example = nearest[0] if nearest else ENGLISH
            raise _wrong("no language that Whisper knows; give its code of two letters", example, LANGUAGES)
        model = info.data.get("model")
        if model is None:
            return value
        if model.endswith(".en") and value != ENGLISH:
            message = f"not possible with the model {model}, which knows English only; take base"
            raise _wrong(message, ENGLISH, (ENGLISH,))
        if value == CANTONESE and model != "large-v3":
            raise _wrong(f"not possible with the model {model}; only large-v3 knows Cantonese", "zh")
        return value

    @field_validator("task")
    @classmethod
    def _is_possible_with_the_model(cls, value: Task, info: ValidationInfo) -> Task:
        model = info.data.get("model")
        if value == "translate" and model is not None and model.endswith(".en"):
            message = f"not possible with the model {model}, which knows English only; take base"
            raise _wrong(message, "transcribe", ("transcribe",))
        return value

    @field_validator("suppress_tokens")
    @classmethod
    def _are_numbers(cls, value: str | None) -> str | None:
        if value is None:
            return value
        try:
            numbers = _numbers(value)
        except ValueError:
            raise _wrong("no list of numbers with commas between them", "-1,13") from None
        if any(not USUAL_SUPPRESSED <= number <= _LAST_TEXT_TOKEN for number in numbers):
            raise _wrong(f"outside the numbers of tokens, which go from -1 to {_LAST_TEXT_TOKEN}", "-1,13")
        return value


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())


def _wrong(what: str, example: str, choices: Sequence[str] = ()) -> PydanticCustomError:
    allowed = {"enum": list(choices)} if choices else {}
    return PydanticCustomError("invalid_choice", "{what}", {"what": what, "example": example, **allowed})
