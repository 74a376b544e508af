from collections.abc import Sequence

import numpy as np
import pytest

from videoannotator.annotations import SpeakerTurn, Utterance
from videoannotator.errors import InvalidConfigError, JobCancelledError
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.pipelines.audio_processing.config import AudioProcessingConfig
from videoannotator.pipelines.audio_processing.pipeline import AudioProcessing
from videoannotator.pipelines.base import Audio, OnProgress
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.validation import validate_config
from videoannotator.testing.speech import Speech, telephone_call

INFO = MediaInfo(container="mp4", duration=30.0, audio_codec="aac")
DIANE, SHEILA = "SPEAKER_00", "SPEAKER_01"


@pytest.fixture(scope="module")
def call() -> Speech:
    """Diane says that she lives in New Jersey, Sheila that she lives in Texas."""
    return telephone_call().cut(11.0, 18.0)


def listen(
    sessions: Sessions, samples: Samples, heard: OnProgress = lambda _: None, **config: object
) -> tuple[list[Utterance], list[SpeakerTurn], Sequence[str]]:
    settings = AudioProcessingConfig.model_validate({"model": "tiny.en", **config})
    pipeline = AudioProcessing(settings, INFO, sessions)
    pipeline.process(Audio(samples), heard)
    records = pipeline.finish()
    utterances = [record for record in records if isinstance(record, Utterance)]
    return utterances, [record for record in records if isinstance(record, SpeakerTurn)], pipeline.warnings


def test_every_word_has_its_speaker(sessions: Sessions, call: Speech) -> None:
    told: list[float] = []
    said, turns, warnings = listen(sessions, call.samples, told.append)
    words = {word.text.strip(".,"): word.speaker for each in said for word in each.words}
    assert (words["Diane"], words["Jersey"]) == (DIANE, DIANE)
    assert (words["Sheila"], words["Chicago"]) == (SHEILA, SHEILA)
    assert {each.speaker for each in said} == {turn.speaker for turn in turns} == {DIANE, SHEILA}
    assert all(each.speaker_score is not None and each.speaker_score > 0.5 for each in said)
    assert not warnings
    assert told == sorted(told)
    assert call.duration * 0.9 < told[-1] <= call.duration


def test_without_diarization_there_are_words_only(sessions: Sessions, call: Speech) -> None:
    said, turns, _ = listen(sessions, call.samples, enable_diarization=False)
    assert said
    assert not turns
    assert {each.speaker for each in said} == {None}


def test_utterances_have_speakers_also_without_words(sessions: Sessions, call: Speech) -> None:
    said, _, _ = listen(sessions, call.samples, word_timestamps=False, num_speakers=1)
    assert {(each.speaker, each.words) for each in said} == {(DIANE, ())}


def test_silence_is_told_once(sessions: Sessions) -> None:
    silence = np.zeros(2 * SAMPLE_RATE, np.float32)
    assert listen(sessions, silence) == ([], [], ("No speech was heard in this video.",))


@pytest.mark.parametrize("part", [0.1, 0.8])
def test_a_cancelled_job_stops_in_either_half(part: float, sessions: Sessions, call: Speech) -> None:
    def heard(seconds: float) -> None:
        if seconds > part * call.duration:
            raise JobCancelledError("The job was cancelled.")

    with pytest.raises(JobCancelledError):
        listen(sessions, call.samples, heard)


def test_the_options_of_earlier_versions_are_understood() -> None:
    old = {"whisper_model": "tiny.en", "enable_diarization": True, "min_speakers": 1, "max_speakers": 4}
    valid = validate_config(Registry(BUILT_IN), ["audio"], {"audio_processing": old}).config["audio_processing"]
    assert (valid["model"], valid["max_speakers"], valid["diarization_model"]) == ("tiny.en", 4, "bundled")


def test_the_rules_of_both_halves_hold() -> None:
    wrong = {"min_speakers": 3, "max_speakers": 2, "model": "tiny.en", "task": "translate"}
    with pytest.raises(InvalidConfigError) as caught:
        validate_config(Registry(BUILT_IN), ["audio"], {"audio": wrong})
    assert {each.field for each in caught.value.violations} == {"config.audio.max_speakers", "config.audio.task"}


def test_only_the_models_that_are_used_are_needed() -> None:
    assert AudioProcessingConfig(enable_diarization=False).models(()) == ("whisper-base", "silero-vad")
    assert set(AudioProcessingConfig().models(())) == set(Registry(BUILT_IN).get("audio").models)
