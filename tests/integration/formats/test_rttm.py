from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment
from pyannote.database.util import load_rttm

from tests.support.results import ANY_TURN, TURNS, by_start, quick, result
from videoannotator.annotations import SpeakerTurn
from videoannotator.formats import rttm
from videoannotator.formats.text_utils import one_word, whole_milliseconds


def written(folder: Path, turns: list[SpeakerTurn], video: str = "clip") -> Path:
    rttm.write(result(SpeakerTurn, turns, video=video), folder / "clip.rttm")
    return folder / "clip.rttm"


def test_every_line_has_ten_fields_and_takes_time(tmp_path: Path) -> None:
    assert written(tmp_path, TURNS, "my clip").read_text() == (
        "SPEAKER my_clip 1 0.100 1.100 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
        "SPEAKER my_clip 1 0.900 1.600 <NA> <NA> SPEAKER_01 <NA> <NA>\n"
        "SPEAKER my_clip 1 2.500 0.001 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
    )


def test_pyannote_reads_overlapping_speakers(tmp_path: Path) -> None:
    annotation = load_rttm(written(tmp_path, TURNS))["clip"]
    assert annotation.labels() == ["SPEAKER_00", "SPEAKER_01"]
    assert annotation.get_overlap().duration() == pytest.approx(0.3)
    assert annotation.label_timeline("SPEAKER_01")[0] == Segment(0.9, 2.5)


def test_nobody_speaking_is_an_empty_file(tmp_path: Path) -> None:
    assert written(tmp_path, []).read_bytes() == b""


@quick
@given(st.lists(ANY_TURN, min_size=1, max_size=5))
def test_every_turn_comes_back(tmp_path: Path, turns: list[SpeakerTurn]) -> None:
    turns = by_start(turns)
    tracks = load_rttm(written(tmp_path, turns))["clip"].itertracks(yield_label=True)
    read = sorted((round(segment.start * 1000), round(segment.end * 1000), label) for segment, _, label in tracks)
    assert read == sorted((*whole_milliseconds(turn.start, turn.end), one_word(turn.speaker)) for turn in turns)
