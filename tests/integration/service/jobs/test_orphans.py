"""Files without rows are found and removed once they are old; rows without files are found and named."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.integration.service.jobs.conftest import Queue
from videoannotator.outcome import ArtifactFile, Outcome, RunOutcome
from videoannotator.service.auth.access import ANYBODY
from videoannotator.service.database.tables import VideoRow
from videoannotator.service.leftovers import Kind
from videoannotator.service.orphans import Orphans
from videoannotator.service.storage_layout import Layout

HOUR = 3600.0


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.create()
    file(layout.video("v"))
    return layout


def file(path: Path, age: float = 0.0) -> Path:
    """Make a file that was written so many seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    for each in (path, path.parent):
        os.utime(each, (time.time() - age, time.time() - age))
    return path


def orphans(queue: Queue, layout: Layout, min_age: float = 0.0) -> Orphans:
    return Orphans(queue.database, layout, time.time, min_age)


def committed(queue: Queue, layout: Layout) -> str:
    """Return the id of a job with one committed artifact."""
    job_id = queue.submit().job.id
    claim = queue.attempts.claim(queue.slots)
    assert claim is not None
    name = "records.ndjson"
    artifact = ArtifactFile(
        name=name, pipeline="scene_detection", format="ndjson", media_type="x", size_bytes=5, sha256="0" * 64
    )
    run = RunOutcome(pipeline="scene_detection", status="completed")
    path = f"{job_id}/{claim.lease.attempt}/{name}"
    queue.attempts.commit(claim.lease, Outcome(runs=(run,), artifacts=(artifact,)), [name], [path])
    file(layout.results / path)
    return job_id


def paths(layout: Layout) -> set[str]:
    return {path.relative_to(layout.root).as_posix() for path in layout.root.rglob("*") if path.is_file()}


def test_only_what_rows_speak_of_survives_a_restart(queue: Queue, layout: Layout) -> None:
    job_id = committed(queue, layout)
    kept = paths(layout)
    file(layout.attempt(job_id, 2) / "a.json")
    file(layout.staging(job_id, 3) / "a.json")
    file(layout.attempt("gone", 1) / "a.json")
    file(layout.video("nobody"))
    (layout.results / "empty").mkdir()
    assert orphans(queue, layout).sweep() == 5
    assert paths(layout) == kept
    assert {path.name for path in layout.results.iterdir()} == {job_id}
    assert orphans(queue, layout).sweep() == 0


def test_what_was_written_a_moment_ago_may_get_its_row_yet(queue: Queue, layout: Layout) -> None:
    new, old = file(layout.video("arriving")), file(layout.video("left"), age=2 * HOUR)
    (stray,) = orphans(queue, layout, HOUR).stray_files()
    assert (stray.kind, stray.id, stray.size_bytes) == (Kind.STRAY_FILES, "uploads/left", 5)
    assert orphans(queue, layout, HOUR).sweep() == 1
    assert (new.exists(), old.exists()) == (True, False)


def test_the_files_of_a_running_job_are_never_stray(queue: Queue, layout: Layout) -> None:
    queue.submit()
    claim = queue.attempts.claim(queue.slots)
    assert claim is not None
    staged = file(layout.staging(claim.lease.job_id, 1) / "a.json", age=100 * HOUR)
    assert orphans(queue, layout, HOUR).stray_files() == []
    assert orphans(queue, layout).sweep() == 0
    assert staged.exists()


def test_an_attempt_that_begins_in_an_empty_directory_keeps_it(queue: Queue, layout: Layout) -> None:
    directory = layout.results / "job"
    directory.mkdir()
    (stray,) = orphans(queue, layout).stray_files()
    staged = file(layout.staging("job", 1) / "a.json")
    orphans(queue, layout).remove(stray)
    assert staged.exists()


def test_rows_whose_files_are_gone_are_named_and_stay(queue: Queue, layout: Layout) -> None:
    job_id = committed(queue, layout)
    assert orphans(queue, layout).lost_files() == []
    layout.video("v").unlink()
    (layout.results / job_id / "1" / "records.ndjson").unlink()
    video, result = orphans(queue, layout).lost_files()
    assert (video.kind, video.id, video.name) == (Kind.LOST_VIDEO, "v", "clip.mp4")
    assert (result.kind, result.owner, result.name) == (Kind.LOST_RESULT, ANYBODY.owner, f"{job_id}/1/records.ndjson")
    orphans(queue, layout).sweep()
    with queue.database.read() as session:
        assert session.get(VideoRow, "v") is not None
    assert len(queue.jobs.get(ANYBODY, job_id).artifacts) == 1
