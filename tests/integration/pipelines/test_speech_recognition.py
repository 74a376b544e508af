from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from videoannotator.annotations import Utterance
from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.errors import JobCancelledError
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.outcome import RunOutcome
from videoannotator.pipelines.base import Audio, OnProgress
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.speech_recognition.config import SpeechRecognitionConfig
from videoannotator.pipelines.speech_recognition.pipeline import SpeechRecognition
from videoannotator.pipelines.validation import validate_config
from videoannotator.testing.accuracy import word_error_rate
from videoannotator.testing.pictures import plain
from videoannotator.testing.speech import Speech, telephone_call
from videoannotator.testing.videos import write_video

INFO = MediaInfo(container="mp4", duration=30.0, audio_codec="aac")


@dataclass(frozen=True)
class Written:
    """What came of listening."""

    utterances: Sequence[Utterance]
    warnings: Sequence[str]
    progress: Sequence[float]

    @property
    def text(self) -> str:
        return " ".join(utterance.text for utterance in self.utterances)


Listen = Callable[..., Written]


@pytest.fixture
def listen(sessions: Sessions) -> Listen:
    def run(samples: Samples, heard: OnProgress | None = None, **config: Any) -> Written:
        progress: list[float] = []
        settings = SpeechRecognitionConfig(**{"model": "tiny.en", "beam_size": 1, **config})
        pipeline = SpeechRecognition(settings, INFO, sessions)
        pipeline.process(Audio(samples), heard or progress.append)
        return Written(pipeline.finish(), pipeline.warnings, progress)

    return run


@pytest.fixture(scope="module")
def talk() -> Speech:
    """Ten seconds in which two women greet each other."""
    return telephone_call().cut(6.0, 16.0)


def noise(seconds: float, level: float) -> Samples:
    chance = np.random.default_rng(11)
    return (level * chance.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def melody(seconds: float) -> Samples:
    """Notes of half a second that fade, with an overtone each."""
    times = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    scale = [262, 294, 330, 349, 392, 440, 494, 523]
    notes = [
        (np.sin(2 * np.pi * pitch * times) + 0.4 * np.sin(4 * np.pi * pitch * times)) * np.exp(-3 * times)
        for pitch in scale
    ]
    return np.resize(np.concatenate(notes) * 0.2, round(seconds * SAMPLE_RATE)).astype(np.float32)


def test_real_speech_is_understood_with_times_and_scores(listen: Listen) -> None:
    call = telephone_call()
    written = listen(call.samples, model="base", beam_size=5)
    assert word_error_rate(call.text, written.text) < 0.25
    assert written.warnings == ()
    assert {utterance.language for utterance in written.utterances} == {"en"}
    assert [utterance.index for utterance in written.utterances] == list(range(len(written.utterances)))
    for utterance in written.utterances:
        assert 0 < utterance.score <= 1
        assert utterance.words[0].start == utterance.start
        assert utterance.words[-1].end == utterance.end
    words = [word for utterance in written.utterances for word in utterance.words]
    assert all(0 < word.score <= 1 and word.start < word.end and word.text == word.text.strip() for word in words)
    assert all(word.end <= following.start + 1e-9 for word, following in pairwise(words))
    spoken = [(line.start, line.end) for line in call.lines]
    near = [word for word in words if any(start - 0.4 < word.start and word.end < end + 0.4 for start, end in spoken)]
    assert len(near) == len(words)


def test_the_smallest_model_understands_too(listen: Listen) -> None:
    call = telephone_call()
    assert word_error_rate(call.text, listen(call.samples, beam_size=5).text) < 0.25


@pytest.mark.parametrize(
    "samples",
    [noise(20, 0.003), noise(20, 0.1), np.zeros(20 * SAMPLE_RATE, np.float32), melody(20), noise(0.005, 0.1)],
    ids=["quiet noise", "loud noise", "silence", "melody", "a click"],
)
def test_what_is_no_speech_has_no_words(samples: Samples, listen: Listen) -> None:
    written = listen(samples, model="base")
    assert written.utterances == []
    assert written.warnings == ("No speech was heard in this video.",)


def test_speech_after_ten_seconds_of_noise_has_the_right_times(talk: Speech, listen: Listen) -> None:
    quiet = listen(talk.samples)
    late = listen(np.concatenate([noise(10, 0.02), talk.samples]))
    assert 10 < late.utterances[0].start < 12
    assert word_error_rate(quiet.text, late.text) < 0.25
    moved = [word.start for utterance in late.utterances for word in utterance.words if word.text == "Diane"]
    first = [word.start for utterance in quiet.utterances for word in utterance.words if word.text == "Diane"]
    assert moved[0] - first[0] == pytest.approx(10, abs=0.2)


def test_the_same_sound_gives_the_same_result(talk: Speech, listen: Listen) -> None:
    assert listen(talk.samples, beam_size=3) == listen(talk.samples, beam_size=3)


def test_speech_in_no_language_is_kept_from_a_loop_and_said_to_be_doubtful(listen: Listen) -> None:
    backwards = telephone_call().samples[::-1][: 12 * SAMPLE_RATE]
    written = listen(backwards)
    assert "caught in a loop" in written.warnings[0]
    assert len(written.text.split()) < 12 * 6


def test_a_language_that_is_only_guessed_is_said_to_be_a_guess(listen: Listen) -> None:
    backwards = telephone_call().cut(14.0, 22.0).samples[::-1]
    written = listen(np.concatenate([np.zeros(SAMPLE_RATE, np.float32), backwards]), model="base")
    assert any("The language was taken for" in warning for warning in written.warnings)


def test_language_and_task_are_what_was_asked_for(talk: Speech, listen: Listen) -> None:
    part = talk.cut(0.0, 4.2)
    german = listen(part.samples, model="base", language="de")
    english = listen(part.samples, model="base", language="de", task="translate")
    assert {utterance.language for utterance in german.utterances} == {"de"}
    assert {utterance.language for utterance in english.utterances} == {"en"}
    assert "hallo" in german.text.lower()
    assert "hello" in english.text.lower()


def test_words_pauses_and_short_utterances_are_as_configured(talk: Speech, listen: Listen) -> None:
    plain_text = listen(talk.samples)
    joined = listen(talk.samples, min_segment_duration=2.0, word_timestamps=False)
    assert joined.text == plain_text.text
    assert all(utterance.words == () for utterance in joined.utterances)
    assert min(utterance.end - utterance.start for utterance in plain_text.utterances) < 1
    assert min(utterance.end - utterance.start for utterance in joined.utterances) >= 2
    assert listen(talk.samples * 0.002, vad_threshold=0.95).utterances == []
    for utterance in listen(talk.samples, min_silence=0.1).utterances:
        assert all(after.start - before.end <= 0.1 + 1e-9 for before, after in pairwise(utterance.words))


def test_suppressed_tokens_are_never_written(talk: Speech, listen: Listen) -> None:
    part = talk.cut(0.0, 4.2)
    assert "," in listen(part.samples).text
    assert "," not in listen(part.samples, suppress_tokens="-1,11").text


def test_above_temperature_zero_the_result_says_that_it_is_chance(talk: Speech, listen: Listen) -> None:
    written = listen(talk.cut(0.0, 4.2).samples, temperature=0.4, best_of=2)
    assert "at random" in written.warnings[0]
    assert "hello" in written.text.lower()


def test_progress_tells_seconds_of_sound_and_never_falls_behind(talk: Speech, listen: Listen) -> None:
    written = listen(np.concatenate([talk.samples, noise(30, 0.001), talk.samples]))
    ends = [moment for moment in written.progress if moment > 0]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(50, abs=1)
    assert len(set(ends)) >= 3


def test_a_cancelled_job_stops_in_the_middle(talk: Speech, listen: Listen) -> None:
    told = []

    def heard(seconds: float) -> None:
        told.append(seconds)
        if seconds > 5:
            raise JobCancelledError("The job was cancelled.")

    long = np.concatenate([talk.samples, noise(30, 0.001)] * 3)
    with pytest.raises(JobCancelledError):
        listen(long, heard)
    assert told[-1] < 15


class Quiet:
    """An observer that remembers the ends of runs only."""

    def __init__(self) -> None:
        self.runs: list[RunOutcome] = []

    def stage(self, name: str) -> None: ...

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None: ...

    def finished(self, run: RunOutcome) -> None:
        self.runs.append(run)

    def log(self, level: str, message: str) -> None: ...


def test_a_video_with_speech_names_its_models_and_the_second_one_finds_them_warm(
    talk: Speech, sessions: Sessions, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "talk.mp4", [plain((9, 9, 9))] * 100, rate=10, audio=talk.audio)
    registry = Registry(BUILT_IN)
    engine = Engine(registry, sessions)
    checked = validate_config(registry, ["speech"], {"speech": {"whisper_model": "tiny.en", "beam_size": 1}})
    outcomes = []
    for name in ("first", "second"):
        request = AnnotationRequest(video, checked.pipelines, checked.config, tmp_path / name)
        outcomes.append(engine.annotate(request, Quiet(), Event()))
    first, second = (outcome.runs[0] for outcome in outcomes)
    assert (first.status, first.unit, first.units_done) == ("completed", "seconds", 10)
    assert [model.id for model in first.models] == ["silero-vad", "whisper-tiny.en"]
    assert first.annotation_count == second.annotation_count > 4
    assert [artifact.sha256 for artifact in outcomes[0].artifacts if artifact.format == "webvtt"] == [
        artifact.sha256 for artifact in outcomes[1].artifacts if artifact.format == "webvtt"
    ]
    assert sessions.loaded.count("whisper-tiny.en") == 1
    assert "This is Diane" in (tmp_path / "first" / "speech_recognition.vtt").read_text()
