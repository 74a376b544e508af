"""Making other formats of results that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, short_video: Path) -> Path:
    """What `annotate` leaves."""
    from typer.testing import CliRunner

    from videoannotator.cli.main import app

    directory = tmp_path_factory.mktemp("results")
    done = CliRunner().invoke(app, ["annotate", str(short_video), "-p", "scene", "-o", str(directory)])
    assert done.exit_code == 0, done.output
    return directory


def test_a_directory_of_results_needs_no_server(offline: Any, results: Path) -> None:
    done = offline("export", str(results), "--format", "eaf,textgrid", "-f", "parquet")
    assert done.returncode == 0, done.stderr
    for name in ("short_annotations.eaf", "short_annotations.TextGrid", "short_scene_detection.parquet"):
        assert (results / name).is_file()
        assert name in done.stdout


def test_a_job_on_the_server_is_exported_from_its_records(cli: Any, short_video: Path, results: Path) -> None:
    job = cli.json("submit", str(short_video), "-p", "scene", "--outputs", "csv")[0]["id"]
    cli("watch", job)
    files = {each["format"]: Path(each["path"]) for each in cli.json("export", job, "-f", "eaf,coco", "-o", "later")}
    assert files == {"coco": Path("later/short_scene_detection.json"), "eaf": Path("later/short_annotations.eaf")}
    assert sorted(path.name for path in (cli.directory / "later").iterdir()) == sorted(
        path.name for path in files.values()
    )
    eaf = (cli.directory / files["eaf"]).read_text(encoding="utf-8")
    assert 'RELATIVE_MEDIA_URL="./short.mp4"' in eaf


@pytest.mark.parametrize(
    ("formats", "words"),
    [
        ("preview", "frames of the video"),
        ("rttm", "of type scene"),
        ("elan", "Did you mean 'eaf'"),
        ("ndjson", "already"),
    ],
)
def test_what_cannot_be_made_says_why(formats: str, words: str, offline: Any, results: Path) -> None:
    done = offline("export", str(results), "-f", formats)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_a_place_without_records_says_what_to_name(offline: Any, cli: Any) -> None:
    done = offline("export", ".", "-f", "eaf")
    assert (done.returncode, "no records" in done.stderr) == (2, True), done.stderr
    assert "There is no directory ./nowhere" in offline("export", "./nowhere", "-f", "eaf").stderr
    missing = cli("export", "0" * 32, "-f", "eaf")
    assert (missing.returncode, "JOB_NOT_FOUND" in missing.stderr) == (3, True), missing.stderr
