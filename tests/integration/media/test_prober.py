"""Probing in a process of its own."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from videoannotator.errors import CorruptMediaError, MediaLimitError, UnsupportedMediaError
from videoannotator.media.limits import MediaLimits
from videoannotator.media.probe import probe
from videoannotator.media.prober import probe_in_process
from videoannotator.testing.audio import tone
from videoannotator.testing.pictures import numbered
from videoannotator.testing.videos import write_video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "-clip 'ä'.mp4", map(numbered, range(10)), audio=tone(440, 0.4))


@pytest.fixture
def fake_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a script that is started instead of the interpreter."""
    script = tmp_path / "python"
    script.touch(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return script


async def test_the_answer_is_that_of_probe(clip: Path) -> None:
    assert await probe_in_process(clip) == probe(clip)


async def test_errors_keep_their_type_and_detail(tmp_path: Path, clip: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_bytes(b"#EXTM3U\n")
    with pytest.raises(UnsupportedMediaError, match="HLS playlist"):
        await probe_in_process(text)
    with pytest.raises(MediaLimitError) as caught:
        await probe_in_process(clip, MediaLimits(max_pixels=100))
    assert caught.value.detail["max_pixels"] == 100


async def test_time_out_kills_the_process_and_its_children(clip: Path, fake_python: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    fake_python.write_text(
        f'#!/bin/sh\nsleep 1000 &\necho "$$ $!" > "{started}.new"; mv "{started}.new" "{started}"\nwait\n'
    )
    with pytest.raises(CorruptMediaError, match=r"longer than 0\.5 s"):
        await probe_in_process(clip, timeout=0.5)
    for process in map(int, started.read_text().split()):
        assert not running(process)


async def test_cancelling_kills_the_process(clip: Path, fake_python: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    fake_python.write_text(f'#!/bin/sh\necho $$ > "{started}.new"; mv "{started}.new" "{started}"\nexec sleep 1000\n')
    task = asyncio.create_task(probe_in_process(clip))
    while not started.exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not running(int(started.read_text()))


@pytest.mark.parametrize("end", ["kill -SEGV $$", "exit 1"])
async def test_a_crash_is_a_typed_error(clip: Path, fake_python: Path, end: str) -> None:
    fake_python.write_text(f"#!/bin/sh\n{end}\n")
    with pytest.raises(CorruptMediaError, match="crashed"):
        await probe_in_process(clip)


async def test_the_process_limits_itself(tmp_path: Path) -> None:
    code = (
        "import resource, videoannotator.media.probe as probe; probe._limit_process();"
        "print([resource.getrlimit(getattr(resource, 'RLIMIT_' + name)) for name in ('FSIZE', 'CORE', 'NOFILE')])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.decode().strip() == "[(0, 0), (0, 0), (64, 64)]"


def running(process: int) -> bool:
    """Whether a process exists and is more than an entry waiting to be reaped."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
