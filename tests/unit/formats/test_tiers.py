from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.results import ANY, EVERYTHING, TURNS, UTTERANCES, by_start, quick, result
from videoannotator.annotations import FaceObservation, PersonObservation, Scene, SpeakerTurn, Utterance, Word
from videoannotator.formats.tiers import Interval, Tier, tiers


def found(*results: object) -> dict[str, Tier]:
    return {tier.name: tier for tier in tiers(results)}  # type: ignore[arg-type]


def test_everyone_and_everything_has_a_tier() -> None:
    names = list(found(*(result(record, records) for record, records in EVERYTHING.items())))
    assert names == [
        *("scenes", "person_001", "person_012", "face_002", "face_002 emotion"),
        *("utterances", "utterances SPEAKER_00", "utterances SPEAKER_01", "words SPEAKER_00"),
        *("speaker SPEAKER_00", "speaker SPEAKER_01"),
    ]


def test_a_person_is_there_in_stretches() -> None:
    tier = found(result(PersonObservation, EVERYTHING[PersonObservation]))["person_001"]
    assert tier.intervals == (Interval(0, 1800, "person_001"), Interval(2400, 4000, "person_001"))
    assert tier.participant == "person_001"


def test_an_emotion_lasts_until_the_next_one() -> None:
    tier = found(result(FaceObservation, EVERYTHING[FaceObservation]))["face_002 emotion"]
    assert tier.intervals == (Interval(0, 2000, "happy"), Interval(2000, 4000, "sad"))


def test_scenes_are_numbered_and_carry_their_labels() -> None:
    [tier] = tiers([result(Scene, EVERYTHING[Scene])])
    assert [interval.label for interval in tier.intervals] == ["scene 1", "scene 2: kitchen"]


def test_speakers_who_overlap_are_apart() -> None:
    tier = found(result(SpeakerTurn, TURNS))
    assert tier["speaker SPEAKER_00"].intervals == (
        Interval(100, 1200, "SPEAKER_00"),
        Interval(2500, 2501, "SPEAKER_00"),
    )
    assert tier["speaker SPEAKER_01"].intervals == (Interval(900, 2500, "SPEAKER_01"),)


def test_what_overlaps_all_the_same_goes_to_a_second_tier() -> None:
    twice = [SpeakerTurn(0, 0, 2, "A"), SpeakerTurn(1, 1, 3, "A"), SpeakerTurn(2, 2, 4, "A")]
    assert [(tier.name, len(tier.intervals)) for tier in tiers([result(SpeakerTurn, twice)])] == [
        ("speaker A", 2),
        ("speaker A 2", 1),
    ]


def test_two_pipelines_that_find_the_same_are_told_apart() -> None:
    names = found(result(SpeakerTurn, TURNS, "diarization"), result(SpeakerTurn, TURNS, "audio_processing"))
    assert {"speaker SPEAKER_00 (diarization)", "speaker SPEAKER_00 (audio_processing)"} <= names.keys()


def test_nothing_found_is_an_empty_tier() -> None:
    names = [tier.name for tier in tiers([result(record) for record in EVERYTHING])]
    assert names == ["scenes", "persons", "faces", "utterances", "speaker"]
    assert all(not tier.intervals for tier in tiers([result(record) for record in EVERYTHING]))


def test_a_word_is_on_the_tier_of_its_own_speaker() -> None:
    words = (Word(0, 1, "yes", 1, "A"), Word(1, 2, "no", 1, "B"))
    tier = found(result(Utterance, [Utterance(0, 0, 2, "yes no", 1, "en", words, "A", 0.5)]))
    assert [interval.label for interval in tier["words B"].intervals] == ["no"]
    assert found(result(Utterance, UTTERANCES))["utterances"].intervals == (Interval(3000, 3001, "Oh"),)


@quick
@given(st.data())
def test_no_tier_overlaps_and_no_name_occurs_twice(data: st.DataObject) -> None:
    results = [result(record, by_start(data.draw(st.lists(some, max_size=8)))) for record, some in ANY.items()]
    everything = tiers(results)
    assert len({tier.name for tier in everything}) == len(everything)
    for tier in everything:
        assert all(interval.start < interval.end for interval in tier.intervals)
        assert all(one.end <= other.start for one, other in pairwise(tier.intervals))
    said = [interval for tier in everything if tier.name.startswith("utterances") for interval in tier.intervals]
    assert len(said) == len(results[3].records)
