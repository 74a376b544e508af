"""Pipelines that share a decode against separate jobs, memory over the length of a video, a worker's second job."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import av
import cv2
import numpy as np

from tests.benchmarks.report import Report
from videoannotator.engine import AnnotationRequest, Engine
from videoannotator.media.source import open_video
from videoannotator.models.sessions import Sessions
from videoannotator.models.store import ModelStore
from videoannotator.outcome import RunOutcome
from videoannotator.pipelines.registry import BUILT_IN, Registry
from videoannotator.pipelines.scene_detection.spec import SCENE_DETECTION
from videoannotator.pipelines.validation import validate_config
from videoannotator.testing.demo_clip import write_demo_clip
from videoannotator.testing.pictures import moving, photograph, texture
from videoannotator.testing.videos import Encoding, write_video

SECONDS = 20
RATE = 25
SCENES = tuple(f"scene_{letter}" for letter in "abcd")
"""Pipelines that compute next to nothing, so that decoding dominates."""
CONFIG = {
    "person_tracking": {"frames_per_second": 1},
    "face_analysis": {"frames_per_second": 1},
    **{name: {"frames_per_second": 2, "label_scenes": False} for name in ("scene_detection", *SCENES)},
}


class Watch:
    """An observer that remembers when the first frame was done."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.first: float | None = None

    def stage(self, name: str) -> None:
        pass

    def progress(self, pipeline: str, done: int, failed: int, total: int | None) -> None:
        if self.first is None:
            self.first = time.perf_counter() - self.began

    def finished(self, run: RunOutcome) -> None:
        assert run.error is None, run.error

    def log(self, level: str, message: str) -> None:
        pass


class Bench:
    """One engine, as a worker has."""

    def __init__(self, directory: Path, config: dict[str, dict[str, Any]] | None = None) -> None:
        self.config = config or CONFIG
        copies = [replace(SCENE_DETECTION, name=name, family=name, aliases=()) for name in SCENES]
        self.registry = Registry([*BUILT_IN, *copies])
        self.engine = Engine(self.registry, Sessions(ModelStore()))
        self.directory = directory

    def annotate(self, video: Path, pipelines: Sequence[str]) -> tuple[float, float, dict[str, Any]]:
        """Return the seconds it took, those until the first frame was done, and how much was decoded."""
        valid = validate_config(self.registry, pipelines, {name: self.config[name] for name in pipelines})
        watch = Watch()
        request = AnnotationRequest(
            video, valid.pipelines, valid.config, self.directory / "results", ("csv",), "", "", "0"
        )
        self.engine.annotate(request, watch, Event())
        took = time.perf_counter() - watch.began
        document = json.loads((self.directory / "results" / "provenance.json").read_text())
        return took, watch.first or 0.0, document["decoding"]


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 2:
        print(peak_memory(Path(sys.argv[1]), Path(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        clip = write_video(directory / "clip.mp4", frames(), rate=RATE, encoding=Encoding(key_interval=100, b_frames=2))
        bench = Bench(directory)
        report = Report(f"Four pipelines on {SECONDS} s of 1920x1080, {RATE} frames a second")
        warm_worker(bench, clip, report)
        shared_decode(bench, clip, SCENES, report, "four that compute little")
        shared_decode(
            bench, clip, ("person_tracking", "face_analysis", "scene_detection", "scene_a"), report, "all kinds"
        )
        memory(directory, report)
        report.print()


def frames() -> Any:
    """Yield the pictures of the clip."""
    person = np.asarray(cv2.resize(photograph("astronaut"), (900, 900)), np.uint8)
    wall = np.asarray(cv2.GaussianBlur(texture(3, 1920, 1080), (51, 51), 0), np.uint8)
    return moving(person, wall, lambda n: (n, 180), SECONDS * RATE)


def warm_worker(bench: Bench, clip: Path, report: Report) -> None:
    """Compare the first and the second job of a worker."""
    pipelines = ("person_tracking", "face_analysis", "scene_detection")
    _, cold, _ = bench.annotate(clip, pipelines)
    _, warm, _ = bench.annotate(clip, pipelines)
    report.add("first frame done, first job", f"{cold * 1000:.0f} ms")
    report.add("first frame done, second job; of the first", f"{warm * 1000:.0f} ms", warm / cold, "< 300 ms")


def shared_decode(bench: Bench, clip: Path, pipelines: Sequence[str], report: Report, what: str) -> None:
    """Compare one job with one job for each pipeline."""
    began = time.perf_counter()
    with open_video(clip) as source:
        for _ in source.frames(lambda *_: False):
            pass
    decode = time.perf_counter() - began
    together, _, decoding = bench.annotate(clip, pipelines)
    alone = [bench.annotate(clip, [name])[0] for name in pipelines]
    ideal = sum(max(each - decode, 0.0) for each in alone) + decode
    assert decoding["decodes_per_frame"] == 1.0
    report.add(f"{what}: decodes per frame", f"{decoding['decodes_per_frame']:.1f}", None, "1.0")
    report.add(
        f"{what}: one job; of their own compute plus one decode", f"{together:.2f} s", together / ideal, "<= 1.1"
    )
    report.add(
        f"{what}: separate jobs; times as long",
        f"{sum(alone):.2f} s",
        sum(alone) / together,
        ">= 1.5 if decoding dominates",
    )


def memory(directory: Path, report: Report) -> None:
    """Compare the peak memory of a short and of a long video."""
    short = looped(write_demo_clip(directory / "demo.mp4"), directory / "short.mp4", 60)
    long = looped(directory / "demo.mp4", directory / "long.mp4", 1800)
    peaks = [_peak_in_process(each, directory) for each in (short, long)]
    report.add("peak memory, 1 minute", f"{peaks[0]:.0f} MiB")
    report.add("peak memory, 30 minutes; of 1 minute", f"{peaks[1]:.0f} MiB", peaks[1] / peaks[0], "flat")


def looped(clip: Path, path: Path, seconds: float) -> Path:
    """Write ``clip`` again and again, without encoding anew, until so many seconds are full."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        given = source.streams.video[0]
        stream = target.add_stream_from_template(given)
        assert given.time_base is not None
        length = round(float(given.duration or 0))
        packets = [
            (packet.pts, packet.dts, bytes(packet), packet.is_keyframe, packet.duration)
            for packet in source.demux(given)
            if packet.pts is not None
        ]
        for turn in range(max(1, round(seconds / (length * given.time_base)))):
            for pts, dts, data, key, duration in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.is_keyframe = stream, given.time_base, key
                packet.pts, packet.dts, packet.duration = pts + turn * length, (dts or 0) + turn * length, duration
                target.mux(packet)
    return path


def _peak_in_process(video: Path, directory: Path) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.bench_pipelines", str(video), str(directory)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def peak_memory(video: Path, directory: Path) -> float:
    """Annotate a video in this process, looking at few frames, and return its peak memory in MiB."""
    rarely = {name: {**options, "frames_per_second": 0.2} for name, options in CONFIG.items()}
    Bench(directory, rarely).annotate(video, ("person_tracking", "face_analysis", "scene_detection"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
