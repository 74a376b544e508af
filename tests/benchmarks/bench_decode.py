"""Decoding once against what it replaces: seeking to every sample, and decoding again for every pipeline."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av

from tests.benchmarks.report import Report, seconds
from videoannotator.media.fan_out import Subscription, fan_out
from videoannotator.media.frame import Frame, Image
from videoannotator.media.sampling import Sampler
from videoannotator.media.source import open_video
from videoannotator.testing.pictures import moving, photograph, texture
from videoannotator.testing.videos import Encoding, write_video

LENGTH = 1500
RATE = 25
KEY_INTERVAL = 250
"""What common encoders choose: ten seconds."""
SAMPLES_PER_SECOND = 5.0
CONSUMERS = 4


class Never:
    """A cancellation that does not come."""

    def is_set(self) -> bool:
        return False


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "clip.mp4"
        write_video(path, frames(), rate=RATE, encoding=Encoding(key_interval=KEY_INTERVAL, b_frames=2))
        report = Report(f"Decoding {LENGTH} frames of 640x480 H.264, a key frame each {KEY_INTERVAL}")
        sampling(path, report)
        sharing(path, report)
        report.print()


def frames() -> Iterator[Image]:
    """Yield the pictures of the clip."""
    return moving(photograph("astronaut")[::2, ::2], texture(3, 640, 480), lambda n: (n % 384, n % 224), LENGTH)


def sampling(path: Path, report: Report) -> None:
    """Compare sampling by skipping with sampling by seeking."""
    wanted = int(LENGTH / RATE * SAMPLES_PER_SECOND)
    assert sampled(path) == sought(path) == wanted
    ours, theirs = seconds(lambda: sampled(path)), seconds(lambda: sought(path), runs=1)
    report.add(f"{SAMPLES_PER_SECOND:g} frames a second, skipping", f"{ours:.2f} s")
    report.add("the same, seeking to each; times as slow", f"{theirs:.2f} s", theirs / ours)


def sharing(path: Path, report: Report) -> None:
    """Compare one decode for several consumers with plain decoding, and with one decode each."""
    bare = seconds(lambda: decoded(path))
    plain = seconds(lambda: read(path))
    shared = seconds(lambda: fanned_out(path, CONSUMERS))
    separate = seconds(lambda: separately(path), runs=1)
    report.add("every frame, nothing but PyAV", f"{LENGTH / bare:.0f} frames/s")
    report.add("every frame, our source alone; of PyAV", f"{LENGTH / plain:.0f} frames/s", bare / plain)
    report.add(
        f"every frame to {CONSUMERS} consumers; of our source alone",
        f"{LENGTH / shared:.0f} frames/s",
        plain / shared,
        ">= 0.90",
    )
    report.add(f"{CONSUMERS} separate decodes; times as slow as shared", f"{separate:.2f} s", separate / shared)


def decoded(path: Path) -> int:
    """Decode and convert every frame with nothing around it."""
    with av.open(str(path)) as container:
        return sum(1 for frame in container.decode(video=0) if frame.to_ndarray(format="rgb24").size)


def read(path: Path) -> int:
    """Take every frame from the source that the engine uses."""
    with open_video(path) as source:
        return sum(isinstance(item, Frame) for item in source.frames(lambda *_: True))


def sampled(path: Path) -> int:
    """Take samples the way the engine does."""
    sampler = Sampler(SAMPLES_PER_SECOND)
    with open_video(path) as source:
        return sum(isinstance(item, Frame) for item in source.frames(lambda _, time: sampler.wants(time)))


def sought(path: Path) -> int:
    """Take the same samples by seeking to each."""
    found = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for number in itertools.takewhile(lambda n: n / SAMPLES_PER_SECOND < LENGTH / RATE, itertools.count()):
            moment = number / SAMPLES_PER_SECOND
            container.seek(round(moment / stream.time_base), stream=stream)
            for frame in container.decode(stream):
                if frame.time is not None and frame.time >= moment - 0.5 / RATE:
                    frame.to_ndarray(format="rgb24")
                    found += 1
                    break
    return found


def fanned_out(path: Path, consumers: int) -> None:
    """Give every frame to several consumers."""
    counts: Counter[int] = Counter()

    def counter(number: int) -> Callable[[Frame], None]:
        def consume(_: Frame) -> None:
            counts[number] += 1

        return consume

    subscriptions = [Subscription(str(number), None, counter(number)) for number in range(consumers)]
    with open_video(path) as source:
        fan_out(source, subscriptions, cancelled=Never(), progress=lambda *_: None)
    assert set(counts.values()) == {LENGTH}


def separately(path: Path) -> None:
    """Decode anew for each consumer, as separate jobs would."""
    for _ in range(CONSUMERS):
        fanned_out(path, 1)


if __name__ == "__main__":
    main()
