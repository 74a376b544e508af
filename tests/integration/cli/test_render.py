"""Drawing results into their video."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.support import findings
from videoannotator.annotations import PersonObservation
from videoannotator.checksums import sha256_of
from videoannotator.formats import ndjson
from videoannotator.media.probe import probe


def keep(directory: Path, video: Path) -> None:
    """Put records about ``video`` into ``directory``."""
    people = [findings.person(time) for time in findings.TIMES]
    result = findings.result(PersonObservation, people, info=probe(video), pipeline="person_tracking", video=video.stem)
    facts = {"filename": video.name, "sha256": sha256_of(video)}
    directory.mkdir(exist_ok=True)
    ndjson.write([replace(result, provenance={"video": facts})], directory / f"{video.stem}_person_tracking.ndjson")


def test_records_and_the_video_beside_them_need_no_server(offline: Cli, short_video: Path) -> None:
    keep(offline.directory / "results", short_video)
    shutil.copy(short_video, offline.directory)
    done = offline("render", "results")
    assert done.returncode == 0, done.stderr
    output = offline.directory / "results" / "short_annotated.mp4"
    assert "short_annotated.mp4" in done.stdout
    assert "warning" not in done.stderr
    assert probe(output).frame_count == probe(short_video).frame_count


def test_the_video_and_the_output_can_be_named(offline: Cli, short_video: Path, tmp_path: Path) -> None:
    keep(tmp_path / "results", short_video)
    [told] = offline.json("render", "results", "--video", str(short_video), "-o", "new/shown.mkv")
    assert told["path"] == "new/shown.mkv"
    assert (tmp_path / "new" / "shown.mkv").stat().st_size == told["size_bytes"]


def test_a_job_brings_its_records_and_its_video(cli: Cli, short_video: Path) -> None:
    job = cli.json("submit", str(short_video), "-p", "scene", "--outputs", "csv")[0]["id"]
    cli("watch", job)
    for arguments in ((), ("--video", str(short_video), "-o", "other.mp4")):
        done = cli("render", job, *arguments)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr
    assert {path.name for path in cli.directory.iterdir()} == {"short_annotated.mp4", "other.mp4"}


def test_a_video_that_is_not_the_same_file_is_pointed_out(offline: Cli, short_video: Path, tmp_path: Path) -> None:
    keep(tmp_path / "results", short_video)
    other = tmp_path / "short.mp4"
    other.write_bytes(short_video.read_bytes() + b"\0\0\0\x08free")
    done = offline("render", "results", "-o", "shown.mp4")
    assert (done.returncode, "not the very file" in done.stderr) == (0, True), done.stderr


def test_of_several_videos_one_is_named(offline: Cli, short_video: Path, tmp_path: Path) -> None:
    second = Path(shutil.copy(short_video, tmp_path / "second.mp4"))
    keep(tmp_path / "results", short_video)
    keep(tmp_path / "results", second)
    done = offline("render", "results")
    assert (done.returncode, "several videos: second.mp4, short.mp4" in done.stderr) == (2, True), done.stderr
    assert offline("render", "results", "--video", str(second)).returncode == 0
    assert (tmp_path / "results" / "second_annotated.mp4").is_file()


def test_what_is_missing_is_named(offline: Cli, short_video: Path, tmp_path: Path) -> None:
    assert "There is no directory ./nowhere" in offline("render", "./nowhere").stderr
    assert "no records" in offline("render", ".").stderr
    keep(tmp_path / "results", short_video)
    done = offline("render", "results")
    assert (done.returncode, "--video FILE" in done.stderr) == (2, True), done.stderr
    assert "is not a file" in offline("render", "results", "--video", "away.mp4").stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_leaves_no_half_video(as_json: bool, offline: Cli, long_video: Path, tmp_path: Path) -> None:
    keep(tmp_path / "results", long_video)
    flags = ["--json"] if as_json else []
    process = offline.start("render", "results", "--video", str(long_video), "-o", "shown.mp4", *flags)
    partial = tmp_path / ".shown.mp4.partial"
    while not partial.exists() or partial.stat().st_size == 0:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert ("interrupted" in err) is not as_json
    assert [json.loads(line) for line in out.splitlines()] == []
    assert {path.name for path in tmp_path.iterdir()} == {"results"}
