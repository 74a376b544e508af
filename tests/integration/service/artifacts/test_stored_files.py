"""What lies in the storage after a restart, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from videoannotator.errors import ArtifactCorruptError, ConfigurationError, RangeNotSatisfiableError
from videoannotator.outcome import ArtifactFile
from videoannotator.service.artifacts.stored_files import (
    discard,
    prepare_staging,
    publish,
    read_artifact,
)
from videoannotator.service.database.tables import ArtifactRow
from videoannotator.service.storage_layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "storage")
    layout.create()
    return layout


def staged(layout: Layout, attempt: int = 1, content: bytes = b"content") -> ArtifactFile:
    (prepare_staging(layout, "job", attempt) / "a.csv").write_bytes(content)
    return ArtifactFile(
        name="a.csv", pipeline=None, format="csv", media_type="text/csv", size_bytes=len(content), sha256="0"
    )


def row(path: str, size: int = 7) -> ArtifactRow:
    return ArtifactRow(
        id="a", job_id="job", attempt=1, name="a", path=path, format="csv", media_type="t", size_bytes=size, sha256="0"
    )


def test_directories_are_for_this_user_only(layout: Layout) -> None:
    for directory in (layout.uploads, layout.results, layout.logs, layout.temp):
        assert directory.stat().st_mode & 0o077 == 0


def test_a_published_attempt_is_read_back(layout: Layout) -> None:
    (path,) = publish(layout, "job", 1, [staged(layout)])
    assert path == "job/1/a.csv"
    assert b"".join(read_artifact(layout, row(path))) == b"content"
    assert b"".join(read_artifact(layout, row(path), offset=3, limit=2)) == b"te"
    with pytest.raises(RangeNotSatisfiableError):
        read_artifact(layout, row(path), offset=8)


def test_a_file_that_changed_or_vanished_is_never_served(layout: Layout) -> None:
    (path,) = publish(layout, "job", 1, [staged(layout)])
    (layout.results / path).write_bytes(b"longer than before")
    with pytest.raises(ArtifactCorruptError):
        read_artifact(layout, row(path))
    (layout.results / path).unlink()
    with pytest.raises(ArtifactCorruptError):
        read_artifact(layout, row(path))


@pytest.mark.parametrize("change", [{"size_bytes": 8}, {"name": "b.csv"}, {"name": "../a.csv"}])
def test_what_the_worker_announced_wrongly_is_not_published(layout: Layout, change: dict[str, object]) -> None:
    wrong = staged(layout).model_copy(update=change)
    with pytest.raises(ArtifactCorruptError):
        publish(layout, "job", 1, [wrong])
    assert not layout.attempt("job", 1).exists()


def test_a_new_attempt_starts_with_an_empty_directory(layout: Layout) -> None:
    staged(layout)
    assert list(prepare_staging(layout, "job", 1).iterdir()) == []


def test_discarding_leaves_nothing_and_may_be_repeated(layout: Layout) -> None:
    publish(layout, "job", 1, [staged(layout)])
    staged(layout, 1)
    discard(layout, "job", 1)
    discard(layout, "job", 1)
    assert list((layout.results / "job").iterdir()) == []


def test_tidying_empties_temp(layout: Layout) -> None:
    (layout.temp / "left over").mkdir()
    layout.tidy()
    assert list(layout.temp.iterdir()) == []


def test_large_logs_are_put_aside_while_they_are_written(layout: Layout) -> None:
    log, other = layout.logs / "worker.log", layout.logs / "envoy.log"
    other.write_bytes(b"short")
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        layout.shorten_logs(max_bytes=100)
        assert log.stat().st_size == 100
        writer.write(b"y")
        layout.shorten_logs(max_bytes=100)
        writer.write(b"z")
    assert log.read_bytes() == b"z"
    assert log.with_suffix(".log.1").read_bytes() == b"x" * 100 + b"y"
    assert {path.name for path in layout.logs.iterdir()} == {"worker.log", "worker.log.1", "envoy.log"}


def test_a_storage_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="storage directory"):
        Layout(tmp_path / "file").create()


def test_a_storage_has_one_user(layout: Layout) -> None:
    with layout.lock(), pytest.raises(ConfigurationError, match="Another service"):
        Layout(layout.root).lock()
