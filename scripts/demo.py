"""The demo: a clip is made, the real service annotates it with real models, and the results are put into demo/.

Uses what a user would use: `videoannotator serve` and `videoannotator run`, as processes of their own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "videoannotator.cli.main"]
PIPELINES = "person_tracking,face_analysis,scene_detection,audio_processing"
PICTURES = {"Preview": "clip_preview.png", "Timeline": "clip_timeline.png"}
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
TOKEN = re.compile(r"\bva_[0-9a-z_]+")
ADDRESS = re.compile(r"serving gRPC on (\S+)")


@dataclass(frozen=True)
class Service:
    """Where the running service is, and the token it printed."""

    address: str
    token: str


def main() -> int:
    """Run the demo and return the exit code of the annotation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "demo", help="directory of the clip and the results")
    output = parser.parse_args().output.absolute()
    try:
        return demo(output)
    except KeyboardInterrupt:
        print("\nThe demo was stopped.", file=sys.stderr)
        return 130


def demo(output: Path) -> int:
    """Make the clip, annotate it, and say where everything is."""
    from videoannotator.testing.demo_clip import write_demo_clip

    results = output / "results"
    shutil.rmtree(results, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    print("1. Making a clip: two people on known paths, two cuts, a telephone call ...", flush=True)
    clip = write_demo_clip(output / "clip.mp4")
    print("2. Starting the service ...", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="videoannotator-demo-") as storage,
        service(Path(storage), output) as running,
    ):
        print(f"   It serves gRPC on {running.address}; its log is {_short(output / 'service.log')}.", flush=True)
        print("3. Submitting the clip and watching the job:", flush=True)
        arguments = ["run", _short(clip), "--pipelines", PIPELINES, "--output", _short(results)]
        environment = os.environ | {
            "VIDEOANNOTATOR_SERVER": running.address,
            "VIDEOANNOTATOR_TOKEN": running.token,
            "VIDEOANNOTATOR_CONFIG": os.devnull,
        }
        code = subprocess.run([*COMMAND, *arguments], env=environment, check=False, stdin=subprocess.DEVNULL).returncode
        print("4. Stopping the service ...", flush=True)
    if code == 0:
        print(f"\nResults: {_short(results)}")
        for title, name in PICTURES.items():
            print(f"{title}: {_short(results / name)}")
    return code


@contextmanager
def service(storage: Path, output: Path) -> Iterator[Service]:
    """Start the service on a free port, and stop it whatever happens."""
    command = [*COMMAND, "serve", "--no-rest", "--port", "0", "--storage-dir", str(storage)]
    # A session of its own: Ctrl-C reaches the client first, which cancels its job, and the service is stopped after it.
    with (output / "service.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True, start_new_session=True
        )
    try:
        yield _greeting(process, output / "service.log")
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _greeting(process: subprocess.Popen[str], log: Path) -> Service:
    """Read token and address from what the service prints first."""
    assert process.stdout is not None
    watchdog = threading.Timer(START_TIMEOUT, process.kill)
    watchdog.start()
    token = ""
    try:
        for line in process.stdout:
            if found := TOKEN.search(line):
                token = found.group()
            if address := ADDRESS.search(line):
                return Service(address.group(1), token)
    finally:
        watchdog.cancel()
    sys.exit(f"The service did not start:\n{log.read_text()}")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
