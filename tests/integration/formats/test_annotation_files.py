"""EAF and TextGrid: the same tiers, read back by libraries that did not write them."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pympi
from hypothesis import given
from hypothesis import strategies as st
from praatio import textgrid as praat

from tests.support.results import ANY, EVERYTHING, INFO, by_start, quick, result
from videoannotator.annotations import SpeakerTurn, Utterance
from videoannotator.formats import eaf, textgrid
from videoannotator.formats.tiers import Interval, Tier, tiers
from videoannotator.results.result import Result

ALL = [result(record, records) for record, records in EVERYTHING.items()]
EMPTY = [result(record) for record in EVERYTHING]


def as_eaf(folder: Path, results: Sequence[Result]) -> Path:
    eaf.write(results, folder / "annotations.eaf")
    return folder / "annotations.eaf"


def as_textgrid(folder: Path, results: Sequence[Result]) -> Path:
    textgrid.write(results, folder / "annotations.TextGrid")
    return folder / "annotations.TextGrid"


def read_eaf(path: Path) -> list[Tier]:
    """Read the XML as its schema describes it."""
    root = ElementTree.parse(path).getroot()
    slots = {slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")}
    found = []
    for tier in root.iter("TIER"):
        intervals = [
            Interval(
                slots[each.attrib["TIME_SLOT_REF1"]],
                slots[each.attrib["TIME_SLOT_REF2"]],
                each.findtext("ANNOTATION_VALUE") or "",
            )
            for each in tier.iter("ALIGNABLE_ANNOTATION")
        ]
        found.append(Tier(tier.attrib["TIER_ID"], tuple(intervals), tier.attrib.get("PARTICIPANT", "")))
    return found


def test_an_eaf_has_every_tier(tmp_path: Path) -> None:
    assert read_eaf(as_eaf(tmp_path, ALL)) == tiers(ALL)


def test_pympi_reads_what_is_in_it(tmp_path: Path) -> None:
    document = pympi.Eaf(str(as_eaf(tmp_path, ALL)))
    assert document.get_annotation_data_for_tier("utterances SPEAKER_00") == [(123, 1000, "Grüß Gott!")]
    assert document.get_annotation_data_for_tier("words SPEAKER_00") == [(123, 500, "Grüß"), (500, 1000, "Gott!")]
    assert document.get_annotation_data_for_tier("face_002 emotion") == [(0, 2000, "happy"), (2000, 4000, "sad")]
    assert document.get_parameters_for_tier("speaker SPEAKER_01")["PARTICIPANT"] == "SPEAKER_01"


def test_elan_finds_the_video_beside_the_file(tmp_path: Path) -> None:
    document = pympi.Eaf(str(as_eaf(tmp_path, ALL)))
    [media] = document.get_linked_files()
    assert (media["RELATIVE_MEDIA_URL"], media["MIME_TYPE"]) == ("./Ünser clip.mp4", "video/mp4")
    assert document.adocument["DATE"] == "2025-03-01T12:00:00Z"


def test_time_slots_are_in_the_order_of_their_times_and_belong_to_one_annotation(tmp_path: Path) -> None:
    root = ElementTree.parse(as_eaf(tmp_path, ALL)).getroot()
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times)
    used = [
        each.attrib[end] for each in root.iter("ALIGNABLE_ANNOTATION") for end in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")
    ]
    assert len(used) == len(set(used)) == len(times)


def test_a_textgrid_has_every_tier_and_covers_the_whole_video(tmp_path: Path) -> None:
    grid = praat.openTextgrid(str(as_textgrid(tmp_path, ALL)), includeEmptyIntervals=False)
    assert list(grid.tierNames) == [tier.name for tier in tiers(ALL)]
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, INFO.duration)
    assert [tuple(entry) for entry in grid.getTier("utterances SPEAKER_01").entries] == [
        (0.9, 2.5, "日本語 <b>& more</b> --> here")
    ]


def test_praat_gets_intervals_without_gaps(tmp_path: Path) -> None:
    """Praat reads no tier in which an interval does not begin where the last one ended; pympi reads as Praat does."""
    grid = pympi.Praat.TextGrid(str(as_textgrid(tmp_path, ALL)))
    for tier in grid.get_tiers():
        intervals = list(tier.get_all_intervals())
        assert (intervals[0][0], intervals[-1][1]) == (0, INFO.duration)
        assert all(one[1] == other[0] for one, other in pairwise(intervals))


def test_speakers_who_overlap_have_tiers_of_their_own(tmp_path: Path) -> None:
    turns = result(SpeakerTurn, EVERYTHING[SpeakerTurn])
    grid = praat.openTextgrid(str(as_textgrid(tmp_path, [turns])), includeEmptyIntervals=False)
    assert grid.tierNames == ("speaker SPEAKER_00", "speaker SPEAKER_01")
    assert [entry[:2] for entry in grid.getTier("speaker SPEAKER_00").entries] == [(0.1, 1.2), (2.5, 2.501)]


def test_quotes_survive(tmp_path: Path) -> None:
    said = [result(Utterance, [Utterance(0, 0, 1, 'she said "no" & <left>', 1.0, "en")])]
    assert read_eaf(as_eaf(tmp_path, said))[0].intervals[0].label == 'she said "no" & <left>'
    grid = praat.openTextgrid(str(as_textgrid(tmp_path, said)), includeEmptyIntervals=False)
    assert grid.getTier("utterances").entries[0].label == 'she said "no" & <left>'


def test_nothing_found_is_still_a_valid_file(tmp_path: Path) -> None:
    assert read_eaf(as_eaf(tmp_path, EMPTY)) == tiers(EMPTY)
    grid = praat.openTextgrid(str(as_textgrid(tmp_path, EMPTY)), includeEmptyIntervals=True)
    assert [tuple(entry) for entry in grid.getTier("scenes").entries] == [(0, INFO.duration, "")]


@quick
@given(st.data())
def test_any_records_come_back_from_both(tmp_path: Path, data: st.DataObject) -> None:
    results = [result(record, by_start(data.draw(st.lists(some, max_size=4)))) for record, some in ANY.items()]
    expected = tiers(results)
    assert read_eaf(as_eaf(tmp_path, results)) == expected
    grid = pympi.Praat.TextGrid(str(as_textgrid(tmp_path, results)))
    for tier, wanted in zip(grid.get_tiers(), expected, strict=True):
        spans = [(round(start * 1000), round(end * 1000)) for start, end, label in tier.get_all_intervals() if label]
        assert spans == [(each.start, each.end) for each in wanted.intervals if each.label]
