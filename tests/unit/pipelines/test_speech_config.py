from typing import Any

import pytest

from videoannotator.errors import InvalidConfigError, Violation
from videoannotator.models.manifest import Manifest
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.speech_recognition.config import SpeechRecognitionConfig
from videoannotator.pipelines.speech_recognition.recogniser import options
from videoannotator.pipelines.validation import validate_config

REGISTRY = Registry(BUILT_IN)
OF_OLD = {
    "whisper_model": "base", "language": None, "task": "transcribe", "beam_size": 5, "best_of": 5, "temperature": 0.0,
    "patience": 1.0, "length_penalty": 1.0, "word_timestamps": True, "min_segment_duration": 1.0,
    "prepend_punctuations": "\"'¿([{-", "append_punctuations": "\"'..,!?:)]},", "suppress_tokens": None,
}  # fmt: skip
"""What the clients of today send."""


def normal(**config: Any) -> dict[str, Any]:
    return validate_config(REGISTRY, ["speech"], {"speech": config}).config["speech_recognition"]


def wrong(**config: Any) -> list[Violation]:
    with pytest.raises(InvalidConfigError) as caught:
        normal(**config)
    return list(caught.value.violations)


def test_the_keys_of_old_keep_their_meaning() -> None:
    config = normal(**OF_OLD)
    assert config["model"] == "base"
    assert {key: config[key] for key in OF_OLD if key in config} == {
        key: value for key, value in OF_OLD.items() if key in config
    }
    assert normal(whisper_model="large")["model"] == "large-v3"


@pytest.mark.parametrize("size", ["tiny.en", "tiny", "base", "small", "medium", "large-v2", "large-v3"])
def test_the_size_decides_which_model_is_needed(size: str) -> None:
    needed = REGISTRY.get("speech").models_for(normal(model=size))
    assert needed == (f"whisper-{size}", "silero-vad")
    assert set(needed) <= set(Manifest.bundled().ids)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"model": "tiny.en", "language": "de"}, "language"),
        ({"model": "tiny.en", "task": "translate"}, "task"),
        ({"model": "base", "language": "yue"}, "language"),
        ({"language": "klingon"}, "language"),
        ({"suppress_tokens": "a, b"}, "suppress_tokens"),
        ({"suppress_tokens": "50257"}, "suppress_tokens"),
        ({"suppress_tokens": "-2"}, "suppress_tokens"),
        ({"temperature": 1.1}, "temperature"),
        ({"patience": 0.5}, "patience"),
        ({"vad_threshold": 0.0}, "vad_threshold"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(config: dict[str, Any], field: str) -> None:
    [violation] = wrong(**config)
    assert violation.field == f"config.speech.{field}"
    assert violation.code in ("INVALID_VALUE", "VALUE_OUT_OF_RANGE")


def test_an_english_model_says_which_one_knows_more() -> None:
    language, task = wrong(model="tiny.en", language="de", task="translate")
    assert "tiny.en, which knows English only; take base" in language.message
    assert "tiny.en, which knows English only; take base" in task.message


def test_a_wrong_language_is_answered_with_a_right_one() -> None:
    assert wrong(language="DE")[0].example == "de"


def test_a_language_is_checked_whatever_else_is_wrong() -> None:
    found = wrong(model="huge", language="klingon")
    assert [violation.field for violation in found] == ["config.speech.model", "config.speech.language"]
    assert "de" in found[1].allowed["enum"]


@pytest.mark.parametrize(("given", "numbers"), [(None, (-1,)), ("", ()), ("-1, 13,", (-1, 13)), ("7", (7,))])
def test_tokens_are_numbers_with_commas(given: str | None, numbers: tuple[int, ...]) -> None:
    assert SpeechRecognitionConfig(suppress_tokens=given).suppressed == numbers


def test_every_option_of_decoding_reaches_the_recogniser() -> None:
    given = {
        "task": "translate",
        "beam_size": 2,
        "patience": 1.5,
        "temperature": 0.25,
        "best_of": 3,
        "length_penalty": 0.5,
        "prepend_punctuations": "(",
        "append_punctuations": ")",
    }
    told = options(SpeechRecognitionConfig(**given, suppress_tokens="-1,7"))
    assert {name: told[name] for name in given} == given
    assert told["suppress_tokens"] == [-1, 7]


def test_chance_is_no_way_out_of_a_loop() -> None:
    told = options(SpeechRecognitionConfig(), without_repeats=True)
    assert told["temperature"] == 0
    assert told["no_repeat_ngram_size"] > options(SpeechRecognitionConfig())["no_repeat_ngram_size"] == 0
