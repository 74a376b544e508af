from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from pyannote.core import SlidingWindow, SlidingWindowFeature

from videoannotator.annotations import SpeakerTurn
from videoannotator.errors import JobCancelledError, ModelMissingError
from videoannotator.media.audio import SAMPLE_RATE, Samples
from videoannotator.media.info import MediaInfo
from videoannotator.models.sessions import Sessions
from videoannotator.pipelines.base import Audio
from videoannotator.pipelines.speaker_diarization.config import SpeakerDiarizationConfig
from videoannotator.pipelines.speaker_diarization.pipeline import SpeakerDiarization
from videoannotator.testing.diarization import diarization_error_rate
from videoannotator.testing.speech import Speech, telephone_call

Diarize = Callable[..., tuple[Sequence[SpeakerTurn], Sequence[str]]]

INFO = MediaInfo(container="mp4", duration=30.0, audio_codec="aac")


@pytest.fixture(scope="module")
def call() -> Speech:
    return telephone_call()


@pytest.fixture(scope="module")
def short() -> Speech:
    """Both women speak, at times together."""
    return telephone_call().cut(7.5, 19.5)


@pytest.fixture(scope="module")
def diarize(sessions: Sessions) -> Diarize:
    def run(
        samples: Samples, heard: Any = lambda _: None, **config: Any
    ) -> tuple[Sequence[SpeakerTurn], Sequence[str]]:
        pipeline = SpeakerDiarization(SpeakerDiarizationConfig(**config), INFO, sessions)
        pipeline.process(Audio(samples), heard)
        return pipeline.finish(), pipeline.warnings

    return run


@pytest.fixture(scope="module")
def usual(call: Speech, diarize: Diarize) -> Sequence[SpeakerTurn]:
    turns, warnings = diarize(call.samples)
    assert not warnings
    return turns


def speakers(turns: Sequence[SpeakerTurn]) -> set[str]:
    return {turn.speaker for turn in turns}


def overlaps(turns: Sequence[SpeakerTurn]) -> Iterator[tuple[SpeakerTurn, SpeakerTurn]]:
    return ((one, two) for one, two in combinations(turns, 2) if two.start < one.end and one.start < two.end)


def test_it_hears_who_speaks_when(usual: Sequence[SpeakerTurn], call: Speech) -> None:
    assert diarization_error_rate(call.turns, usual, call.duration) < 0.08
    assert usual[0].speaker == "SPEAKER_00"


def test_turns_of_different_speakers_overlap_where_people_do(usual: Sequence[SpeakerTurn]) -> None:
    assert {one.speaker != two.speaker for one, two in overlaps(usual)} == {True}


def test_the_same_sound_gives_the_same_turns(usual: Sequence[SpeakerTurn], call: Speech, diarize: Diarize) -> None:
    assert diarize(call.samples)[0] == usual


def test_exclusive_leaves_one_speaker_at_a_time_and_pauses_can_be_bridged(short: Speech, diarize: Diarize) -> None:
    turns, _ = diarize(short.samples, exclusive=True, min_duration_off=0.5)
    assert speakers(turns) == {"SPEAKER_00", "SPEAKER_01"}
    assert all(after.start - before.end > 0.4 for before, after in pairwise(turns) if before.speaker == after.speaker)


@pytest.mark.parametrize(
    ("config", "count"), [({"num_speakers": 1}, 1), ({"max_speakers": 1}, 1), ({"min_speakers": 3}, 3)]
)
def test_the_number_of_speakers_keeps_to_its_bounds(
    config: dict[str, Any], count: int, short: Speech, diarize: Diarize
) -> None:
    assert len(speakers(diarize(short.samples, **config)[0])) == count


def test_a_high_threshold_takes_all_for_one(short: Speech, diarize: Diarize) -> None:
    turns, _ = diarize(short.samples, clustering_threshold=1.9, exclusive=True)
    assert speakers(turns) == {"SPEAKER_00"}


def test_silence_noise_and_almost_nothing_have_no_turns_but_a_warning(diarize: Diarize) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 3 * SAMPLE_RATE).astype(np.float32)
    for samples in (np.zeros(3 * SAMPLE_RATE, np.float32), noise, np.zeros(100, np.float32), np.zeros(0, np.float32)):
        assert diarize(samples) == ([], ("No speech was heard in this video.",))


def test_a_second_of_speech_is_somebodys(call: Speech, diarize: Diarize) -> None:
    turns, warnings = diarize(call.cut(11.5, 12.3).samples, min_speakers=2)
    assert speakers(turns) == {"SPEAKER_00"}
    assert list(warnings) == ["Asked for 2 speakers or more, but only 1 could be told apart."]


def test_progress_never_falls_and_ends_near_the_end(short: Speech, diarize: Diarize) -> None:
    told: list[float] = []
    diarize(short.samples, told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert short.duration * 0.9 < told[-1] <= short.duration


@pytest.mark.parametrize("after", [0, 2, 5])
def test_a_cancelled_job_stops_at_the_next_sign_of_progress(after: int, short: Speech, diarize: Diarize) -> None:
    calls = iter(range(1000))

    def heard(_: float) -> None:
        if next(calls) == after:
            raise JobCancelledError("The job was cancelled.")

    with pytest.raises(JobCancelledError):
        diarize(short.samples, heard)
    assert next(calls) == after + 1


def test_the_models_stay_loaded(usual: Sequence[SpeakerTurn], sessions: Sessions) -> None:
    SpeakerDiarization(SpeakerDiarizationConfig(), INFO, sessions)
    assert sessions.loaded.count("pyannote-segmentation-3.0") == sessions.loaded.count("campplus-speaker") == 1


def test_a_model_that_was_not_pulled_is_missing_and_the_command_is_named(diarize: Diarize, short: Speech) -> None:
    with pytest.raises(ModelMissingError) as caught:
        diarize(short.samples, diarization_model="pyannote/speaker-diarization-3.1")
    assert "videoannotator models pull wespeaker-voxceleb-resnet34" in str(caught.value.hint)


def test_old_options_without_effect_are_told(diarize: Diarize) -> None:
    _, warnings = diarize(np.zeros(SAMPLE_RATE, np.float32), use_auth_token=True)
    assert "use_auth_token has no effect" in warnings[0]


def test_in_very_long_sound_the_windows_follow_each_other_less_closely(
    call: Speech, diarize: Diarize, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videoannotator.pipelines.speaker_diarization.diarizer._MOST_WINDOWS", 10)
    told: list[float] = []
    turns, _ = diarize(call.samples, told.append, num_speakers=2)
    assert len(told) < 20  # 10 windows and their voices, not 21
    assert diarization_error_rate(call.turns, turns, call.duration) < 0.15


def test_more_voices_than_can_be_compared_are_told_apart_by_some_of_them() -> None:
    from videoannotator.pipelines.speaker_diarization.diarizer import Clustering

    random = np.random.default_rng(0)
    people = random.normal(size=(3, 192))
    truth = random.integers(0, 3, size=(6_000, 1))
    voices = people[truth] + random.normal(0, 0.5, size=(6_000, 1, 192))
    speech = SlidingWindowFeature(np.ones((6_000, 50, 1)), SlidingWindow(duration=10.0, step=1.0))
    clustering = Clustering(1, 10)
    clustering.instantiate({"method": "centroid", "min_cluster_size": 12, "threshold": 0.7})
    found, _, _ = clustering(embeddings=voices, segmentations=speech)
    assert len(set(zip(truth[:, 0].tolist(), found[:, 0].tolist(), strict=True))) == 3
