import re
from pathlib import Path

import webvtt
from hypothesis import given
from hypothesis import strategies as st

from tests.support.results import ANY_UTTERANCE, UTTERANCES, by_start, quick, result
from videoannotator.annotations import Utterance
from videoannotator.formats import captions
from videoannotator.formats.text_utils import one_line, whole_milliseconds

VIEWER_CUE = re.compile(r"^\d\d+:\d\d:\d\d\.\d{3} --> \d\d+:\d\d:\d\d\.\d{3}$")
SRT_BLOCK = re.compile(r"(\d+)\n(\d\d+):(\d\d):(\d\d),(\d{3}) --> (\d\d+):(\d\d):(\d\d),(\d{3})\n(.+)\n\n")


def vtt(folder: Path, said: list[Utterance]) -> Path:
    captions.write_webvtt(result(Utterance, said), folder / "clip.vtt")
    return folder / "clip.vtt"


def srt(folder: Path, said: list[Utterance]) -> list[tuple[int, int, str]]:
    """Return start and end in milliseconds and text of each caption, read as a player reads them."""
    captions.write_srt(result(Utterance, said), folder / "clip.srt")
    text = (folder / "clip.srt").read_text(encoding="utf-8")
    blocks = [match.groups() for match in SRT_BLOCK.finditer(text)]
    assert "".join(match.group() for match in SRT_BLOCK.finditer(text)) == text
    assert [int(block[0]) for block in blocks] == list(range(1, len(blocks) + 1))
    return [(milliseconds(block[1:5]), milliseconds(block[5:9]), block[9]) for block in blocks]


def milliseconds(fields: tuple[str, ...]) -> int:
    hours, minutes, seconds, rest = map(int, fields)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def test_webvtt_is_what_browsers_and_the_viewer_read(tmp_path: Path) -> None:
    assert vtt(tmp_path, UTTERANCES).read_text(encoding="utf-8") == (
        "WEBVTT\n"
        "\n1 SPEAKER_00\n00:00:00.123 --> 00:00:01.000\nGrüß Gott!\n"
        "\n2 SPEAKER_01\n00:00:00.900 --> 00:00:02.500\n日本語 &lt;b&gt;&amp; more&lt;/b&gt; --&gt; here\n"
        "\n3\n00:00:03.000 --> 00:00:03.001\nOh\n"
    )


def test_webvtt_py_reads_times_speakers_and_text(tmp_path: Path) -> None:
    first, second, third = webvtt.read(vtt(tmp_path, UTTERANCES))
    assert (first.identifier, first.start, first.end) == ("1 SPEAKER_00", "00:00:00.123", "00:00:01.000")
    assert first.text == "Grüß Gott!"
    assert second.identifier == "2 SPEAKER_01"
    assert (third.identifier, third.text) == ("3", "Oh")


def test_nothing_said_is_still_a_valid_file(tmp_path: Path) -> None:
    assert list(webvtt.read(vtt(tmp_path, []))) == []
    assert vtt(tmp_path, []).read_text() == "WEBVTT\n"
    assert srt(tmp_path, []) == []


def test_srt_names_the_speaker_before_the_text(tmp_path: Path) -> None:
    assert srt(tmp_path, UTTERANCES) == [
        (123, 1000, "SPEAKER_00: Grüß Gott!"),
        (900, 2500, "SPEAKER_01: 日本語 <b>& more</b> --> here"),
        (3000, 3001, "Oh"),
    ]


@quick
@given(st.lists(ANY_UTTERANCE, max_size=5))
def test_whatever_is_said_comes_back(tmp_path: Path, said: list[Utterance]) -> None:
    said = by_start(said)
    expected = [
        (*whole_milliseconds(each.start, each.end), one_line(each.text)) for each in said if one_line(each.text)
    ]
    cues = list(webvtt.read(vtt(tmp_path, said)))
    seconds = [(cue.start_time.in_milliseconds(), cue.end_time.in_milliseconds()) for cue in cues]
    assert seconds == [(start, end) for start, end, _ in expected]
    lines = (tmp_path / "clip.vtt").read_text(encoding="utf-8").split("\n")
    assert all(VIEWER_CUE.match(line) for line in lines if "-->" in line)
    assert lines.count("") == 1 + len(expected)
    assert [(start, end) for start, end, _ in srt(tmp_path, said)] == [(start, end) for start, end, _ in expected]
    assert all(text.endswith(wanted[2]) for (_, _, text), wanted in zip(srt(tmp_path, said), expected, strict=True))
