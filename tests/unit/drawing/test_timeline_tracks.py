"""What a time line shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import findings
from videoannotator.annotations import FaceObservation, PersonObservation, Scene, SpeakerTurn, Utterance
from videoannotator.drawing.colours import EMOTION_COLOURS, UNKNOWN, Colours
from videoannotator.drawing.timeline_tracks import groups, legend_of
from videoannotator.identity import Link

TIMES = findings.TIMES


def test_a_person_has_a_stretch_for_each_time_it_was_there() -> None:
    people = [findings.person(time) for time in TIMES if time < 3 or time >= 7]
    [group] = groups([findings.result(PersonObservation, people)], most=10)
    [track] = group.tracks
    assert track.label == "person 1"
    assert [(span.start, span.end) for span in track.spans] == [pytest.approx((0, 3)), pytest.approx((7, 10))]


def test_who_has_no_identity_has_no_lane() -> None:
    [group] = groups([findings.result(PersonObservation, [findings.person(0.2, track=None)])], most=10)
    assert (group.count, group.tracks) == (0, [])


def test_those_who_were_there_longest_have_lanes_and_the_others_are_counted() -> None:
    people = [findings.person(time, track) for time in TIMES for track in range(1, 30) if time <= track / 4]
    [group] = groups([findings.result(PersonObservation, people)], most=3)
    assert [track.label for track in group.tracks] == ["person 27", "person 28", "person 29"]
    assert (group.count, group.hidden) == (29, 26)


def test_a_face_is_coloured_by_what_it_shows() -> None:
    faces = [findings.face(time, emotion="happy" if time < 4 else "sad") for time in TIMES]
    shown = groups([findings.result(FaceObservation, faces)], most=10)
    [track] = shown[0].tracks
    assert [(span.start, span.end, span.colour) for span in track.spans] == [
        (0.0, 4.0, EMOTION_COLOURS["happy"]),
        (4.0, pytest.approx(10.0), EMOTION_COLOURS["sad"]),
    ]
    assert list(legend_of(shown)) == ["happy", "sad"]


def test_a_face_whose_emotion_nobody_looked_for_has_its_own_colour() -> None:
    found = findings.result(FaceObservation, [findings.face(time, emotion=None) for time in TIMES])
    shown = groups([found], most=10)
    assert {span.colour for span in shown[0].tracks[0].spans} == {Colours([found]).face(1)}
    assert legend_of(shown) == {}


def test_speakers_have_lanes_and_what_they_say_is_in_their_colour() -> None:
    said = [findings.utterance(0, 1.0, "well then", "SPEAKER_01"), findings.utterance(1, 3.0, "yes", None)]
    turns = [findings.turn(0, 1.0, 2.0, "SPEAKER_01"), findings.turn(1, 1.5, 4.0, "SPEAKER_00")]
    both = [findings.result(Utterance, said), findings.result(SpeakerTurn, turns)]
    speakers, speech = groups(both, most=10)
    assert [track.label for track in speakers.tracks] == ["SPEAKER_00", "SPEAKER_01"]
    voice = Colours(both).speaker("SPEAKER_01")
    assert [span.colour for span in speech.tracks[0].spans] == [voice, UNKNOWN]
    assert [(span.text, span.colour) for span in speech.tracks[1].spans] == [
        ("well", voice), ("then", voice), ("yes", UNKNOWN),
    ]  # fmt: skip
    assert [span.text for span in speech.captions] == ["well then", "yes"]


def test_a_scene_is_called_by_its_number_and_its_label() -> None:
    first, second = findings.scenes(4.0)
    labelled = [replace(first, labels={"garden": 0.2, "kitchen": 0.8}), second]
    [group] = groups([findings.result(Scene, labelled)], most=10)
    assert [span.text for span in group.tracks[0].spans] == ["1 kitchen", "2"]


def test_two_pipelines_that_found_the_same_kind_of_thing_are_told_apart() -> None:
    one = findings.result(Scene, findings.scenes(2.0), pipeline="one")
    other = findings.result(Scene, findings.scenes(3.0), pipeline="other")
    assert [group.origin for group in groups([one, other], most=10)] == ["one", "other"]
    assert groups([one], most=10)[0].origin == ""


def test_a_face_and_a_voice_have_the_colour_of_their_person() -> None:
    faces = replace(findings.result(FaceObservation, []), links={4: Link(2, None, 1.0, "face_inside_person")})
    links = {
        "SPEAKER_00": Link(2, None, 1.0, "only_one_visible_while_speaking"),
        "SPEAKER_01": Link(None, 4, 1.0, "only_one_visible_while_speaking"),
    }
    turns = replace(findings.result(SpeakerTurn, []), voices=links)
    colours = Colours([faces, turns])
    same = {colours.person(2), colours.face(4), colours.speaker("SPEAKER_00"), colours.speaker("SPEAKER_01")}
    assert len(same) == 1


def test_those_who_belong_to_nobody_have_colours_of_their_own() -> None:
    turns = [findings.turn(number, number, number + 1, f"SPEAKER_{number:02d}") for number in range(4)]
    colours = Colours([findings.result(SpeakerTurn, turns)])
    everyone = [colours.person(number) for number in range(1, 13)] + [colours.face(number) for number in range(1, 13)]
    everyone += [colours.speaker(each.speaker) for each in turns]
    assert len(set(everyone)) == len(everyone)
