"""The examples do what they say, against the real service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import typescript
from tests.support.service import Service, running
from videoannotator.testing.demo_clip import write_demo_clip

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PLAY = """
import json, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
names = {}
for cell in json.load(open("notebook.ipynb", encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), names)
shapes = {name: list(table.shape) for name, table in names["tables"].items()}
print(json.dumps({"shapes": shapes, "plots": len(plt.get_fignums())}))
"""
"""Runs the code of the notebook, cell by cell, as Jupyter would."""


def surroundings(service: Service) -> dict[str, str]:
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        "PATH": commands,
        "VIDEOANNOTATOR_CONFIG": os.devnull,
        "VIDEOANNOTATOR_SERVER": service.address,
        "VIDEOANNOTATOR_TOKEN": service.token,
    }


def run(command: list[str], service: Service, directory: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**surroundings(service), **more}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=250
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_notebook_runs_from_its_first_cell_to_its_last(tmp_path: Path) -> None:
    with running(tmp_path / "storage") as service:
        clip = write_demo_clip(tmp_path / "clip.mp4")
        done = run([sys.executable, "-c", PLAY], service, EXAMPLES, VIDEO=str(clip))
    assert done.returncode == 0, done.stderr
    played = json.loads(done.stdout.splitlines()[-1])
    assert {"tracks", "person_tracking", "face_analysis", "audio_processing_turns"} <= played["shapes"].keys()
    assert all(rows > 0 for rows, _ in played["shapes"].values())
    assert played["plots"] == 2


def folder(tmp_path: Path, video: Path) -> Path:
    """A folder of videos with odd names, of which one is not a video at all."""
    videos = tmp_path / "videos"
    (videos / "day 1").mkdir(parents=True)
    shutil.copy(video, videos / "day 1" / 'Anna\'s "first" visit\n.mp4')
    shutil.copy(video, videos / "-dash.MOV")
    (videos / "notes.mp4").write_text("This is not a video.")
    (videos / "notes.txt").write_text("Nor is this.")
    return videos


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_folder_is_annotated_but_for_what_cannot_be(service: Service, short_video: Path, tmp_path: Path) -> None:
    videos = folder(tmp_path, short_video)
    command = [str(EXAMPLES / "annotate_folder.sh"), "-p", "scene", "-o", "out", str(videos)]
    done = run(command, service, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 of 3 videos are annotated" in done.stdout
    assert "not annotated: " in done.stderr
    assert "notes.mp4" in done.stderr
    for name in ('day 1/Anna\'s "first" visit\n.mp4', "-dash.MOV"):
        assert list((tmp_path / "out" / name).glob("*scene_detection.csv"))

    (videos / "notes.mp4").unlink()
    again = run(command, service, tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("done before: ") == 2
    assert "job " not in again.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [(["-h"], 0, "Usage:"), ([], 2, "Usage:"), (["nowhere"], 2, "nowhere is not a folder."), (["."], 2, "no video")],
)
def test_the_folder_script_says_how_it_is_used(
    service: Service, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    done = run([str(EXAMPLES / "annotate_folder.sh"), *arguments], service, tmp_path)
    assert done.returncode == code
    assert words in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed; on Debian: apt install r-base-core")
def test_r_adds_up_the_speaking_time(tmp_path: Path) -> None:
    turns = "turn,start,end,duration,speaker\n1,0,2,2,SPEAKER_00\n2,2,5,3,SPEAKER_01\n3,5,6,1,SPEAKER_00\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "visit_audio_processing_turns.csv").write_text(turns)
    (tmp_path / "silent_speaker_diarization_turns.csv").write_text("turn,start,end,duration,speaker\n")
    script, table = str(EXAMPLES / "speaking_time.R"), tmp_path / "table.csv"
    done = subprocess.run(["Rscript", script, str(tmp_path), str(table)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert table.read_text().splitlines() == [
        '"recording","speaker","turns","seconds","share","longest_turn"',
        '"visit","SPEAKER_00",2,3,0.5,2',
        '"visit","SPEAKER_01",1,3,0.5,3',
    ]


def test_the_page_is_one_program_for_browsers() -> None:
    """What it does in a browser is tested in tests/integration/browser."""
    typescript.build()
    typescript.example()
    page = EXAMPLES / "typescript"
    assert 'src="app.js"' in (page / "index.html").read_text()
    assert "import " not in (page / "app.js").read_text().split("\n", 1)[0]
