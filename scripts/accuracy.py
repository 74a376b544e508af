"""How right the results are, held against clips whose content is known; fails below the floors.

Everything is measured on the files that a job leaves. With --media, recordings of your own are measured too: NAME.mp4
(or another) beside NAME.rttm (who speaks when) and NAME.stm (what is said).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.table import Table

from videoannotator.annotations import BoundingBox
from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.validation import validate_config
from videoannotator.testing.accuracy import TrackingScore, word_error_rate
from videoannotator.testing.pictures import numbered
from videoannotator.testing.scenarios import Scenario, demo, mirrored_pair
from videoannotator.testing.speech import telephone_call
from videoannotator.testing.videos import write_audio, write_video

JITTER = (0.0, 0.0113, -0.0087, 0.0049, -0.0021)
"""Seconds by which the frames of the clip with a variable rate are off their beat."""


@dataclass(frozen=True)
class Figure:
    """One row of the table; ``floor`` is in words, ``good`` None if there is none."""

    what: str
    measured: str
    floor: str = ""
    good: bool | None = None


class Quiet:
    """An observer that shows nothing."""

    def stage(self, name: str) -> None:
        pass

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        pass

    def finished(self, run: Any) -> None:
        if run.error is not None:
            sys.exit(f"{run.pipeline}: {run.error.message}")

    def log(self, level: str, message: str) -> None:
        pass


class Bench:
    """Annotates clips with one engine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._registry = Registry.load()
        self._engine = Engine(self._registry, Sessions(ModelStore()))

    def clip(self, name: str) -> Path:
        """Return where a clip may be written."""
        return self._directory / name

    def annotate(self, video: Path, config: dict[str, dict[str, Any]], outputs: tuple[str, ...]) -> Path:
        """Run the pipelines that ``config`` has a section of, and return the directory of their files."""
        valid = validate_config(self._registry, None, config)
        results = self._directory / f"{video.stem}-results"
        request = AnnotationRequest(video, valid.pipelines, valid.config, results, outputs)
        self._engine.annotate(request, Quiet(), Event())
        return results


def main() -> int:
    """Measure, print, and return 1 if a figure is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, help="directory of recordings with .rttm and .stm beside them")
    media = parser.parse_args().media
    table = Table(title="Accuracy", title_justify="left", box=None, padding=(0, 3, 0, 0))
    for column in ("", "MEASURED", "FLOOR", ""):
        table.add_column(column)
    failed = 0
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for figure in figures(Bench(Path(directory)), media):
            failed += figure.good is False
            verdict = "" if figure.good is None else "ok" if figure.good else "[red]below[/]"
            table.add_row(figure.what, figure.measured, figure.floor, verdict)
    console = Console()
    console.width = max(console.width, 120)
    console.print(table)
    return 1 if failed else 0


def figures(bench: Bench, media: Path | None) -> Iterator[Figure]:
    """Yield every figure."""
    for scenario in (demo(), mirrored_pair()):
        yield from seen(bench, scenario)
    yield variable_rate(bench)
    speech = telephone_call()
    sample = write_audio(bench.clip("telephone-call.wav"), speech.audio)
    reference = bench.clip("telephone-call.rttm")
    reference.write_text(
        "".join(
            f"SPEAKER call 1 {turn.start:.3f} {turn.end - turn.start:.3f} <NA> <NA> {turn.speaker} <NA> <NA>\n"
            for turn in speech.turns
        )
    )
    yield from speech_figures(bench, sample, reference, speech.text, floors=True)
    for truth in sorted(media.glob("*.rttm")) if media else ():
        recordings = [
            path for path in sorted(truth.parent.glob(f"{truth.stem}.*")) if path.suffix not in (".rttm", ".stm")
        ]
        lines = truth.with_suffix(".stm").read_text(encoding="utf-8").splitlines()
        text = " ".join(line.split(maxsplit=5)[5] for line in lines if not line.startswith(";"))
        yield from speech_figures(bench, recordings[0], truth, text, floors=False)


def seen(bench: Bench, scenario: Scenario) -> Iterator[Figure]:
    """Measure persons, faces and cuts."""
    video = scenario.write(bench.clip(f"{scenario.name.replace(' ', '-')}.mp4"))
    config = {"person_tracking": {}, "face_analysis": {}, "scene_detection": {"label_scenes": False}}
    results = bench.annotate(video, config, ("coco",))
    for pipeline, truth, what in (
        ("person_tracking", scenario.persons, "persons"),
        ("face_analysis", scenario.faces, "faces"),
    ):
        document = json.loads((results / f"{pipeline}.json").read_text(encoding="utf-8"))
        followed = TrackingScore()
        for image in document["images"]:
            found = [each for each in document["annotations"] if each["image_id"] == image["id"]]
            boxes = [(BoundingBox(*each["bbox"]), each["track_id"]) for each in found]
            followed.add(truth(image["frame_number"]), boxes)
        name = f"{scenario.name}, {what}"
        yield Figure(f"{name}: recall at IoU 0.5", f"{followed.recall:.3f}", ">= 0.9", followed.recall >= 0.9)
        yield Figure(f"{name}: precision", f"{followed.precision:.3f}")
        yield Figure(f"{name}: identity switches", str(followed.switches), "0", followed.switches == 0)
    scenes = json.loads((results / "scene_detection.json").read_text(encoding="utf-8"))["scenes"]
    starts = [scene["frame_start"] for scene in scenes[1:]]
    right = len(starts) == len(scenario.cuts) and all(
        abs(start - cut) <= 1 for start, cut in zip(starts, scenario.cuts, strict=True)
    )
    found = f"{', '.join(map(str, starts))} (are {', '.join(map(str, scenario.cuts))})"
    yield Figure(f"{scenario.name}: frames of cuts", found, "within 1", right)


def variable_rate(bench: Bench) -> Figure:
    """Hold times against those that were written into the container."""
    times = [round(index / 25 + JITTER[index % len(JITTER)], 4) if index else 0.0 for index in range(100)]
    video = write_video(bench.clip("variable.mp4"), (numbered(index) for index in range(100)), times=times)
    results = bench.annotate(video, {"person_tracking": {"frames_per_second": None, "pose": False}}, ("coco",))
    images = json.loads((results / "person_tracking.json").read_text(encoding="utf-8"))["images"]
    error = max(abs(image["timestamp"] - time) for image, time in zip(images, times, strict=True))
    return Figure("variable frame rate: error of times", f"{error * 1000:.3f} ms", "<= 1 ms", error <= 0.001)


def speech_figures(bench: Bench, recording: Path, reference: Path, text: str, *, floors: bool) -> Iterator[Figure]:
    """Measure who speaks when, and what is said."""
    import webvtt
    from pyannote.core import Segment, Timeline
    from pyannote.database.util import load_rttm
    from pyannote.metrics.diarization import DiarizationErrorRate

    results = bench.annotate(recording, {"audio_processing": {}}, ("webvtt", "rttm"))
    [truth] = load_rttm(str(reference)).values()
    found = list(load_rttm(str(results / "audio_processing.rttm")).values())
    end = max(segment.end for segment in (*truth.itersegments(), *(found[0].itersegments() if found else ())))
    whole = Timeline([Segment(0, end)])
    error = DiarizationErrorRate()(truth, found[0], uem=whole) if found else 1.0
    said = " ".join(caption.text for caption in webvtt.read(str(results / "audio_processing.vtt")))
    words = word_error_rate(text, said)
    yield Figure(
        f"{recording.stem}: diarization error rate",
        f"{error:.1%}",
        "< 8 %" if floors else "",
        error < 0.08 if floors else None,
    )
    yield Figure(
        f"{recording.stem}: word error rate",
        f"{words:.1%}",
        "< 25 %" if floors else "",
        words < 0.25 if floors else None,
    )


if __name__ == "__main__":
    sys.exit(main())
